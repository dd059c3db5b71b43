/**
 * The contract of a device: memory, and a few dozen coarse operations on it. Nothing here computes. A product of two
 * matrices is the smallest whole use; on a GPU it differs in the device's name alone:
 *
 * {@snippet :
 * try (Device device = Devices.open("cpu"); Memory memory = device.memory()) {
 *     Matrix a = memory.matrix(2, 3, new float[] {1, 2, 3, 4, 5, 6});
 *     Matrix b = memory.matrix(3, 2, new float[] {7, 8, 9, 10, 11, 12});
 *     Matrix c = memory.matrix(2, 2);
 *     device.operations().matmul(a, b, c);
 *     System.out.println(Arrays.toString(c.readFloats())); // [58.0, 64.0, 139.0, 154.0]
 * }
 * }
 *
 * <p>{@link org.charlstm.device.Operations} are all that a device computes. A step of them is recorded by
 * {@link org.charlstm.device.Device#capture} and run many times; {@link org.charlstm.device.FlatWeights} begins a model
 * that is made of them.
 *
 * <p>A device and its models serve one thread at a time. A program with several threads gives each a device and a
 * model with the same weights; processors are then shared out among the devices by their number of threads:
 *
 * {@snippet :
 * Weights weights = ModelFile.load(path).weights();
 * try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
 *     for (List<String> part : parts) {
 *         pool.submit(() -> {
 *             try (Device device = Devices.open("cpu", new DeviceOptions(1));
 *                     Model model = new Model(device, weights)) {
 *                 // Only this thread uses them.
 *             }
 *         });
 *     }
 * }
 * }
 *
 * <p>They may be handed from one thread to the next. A call while another thread's is under way is an
 * {@link IllegalStateException}, and so is one after they are closed; {@link org.charlstm.device.Device.Lease} is how.
 */
package org.charlstm.device;
