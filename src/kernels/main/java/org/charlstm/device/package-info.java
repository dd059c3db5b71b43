/**
 * The contract of a device: memory, and a few dozen coarse operations on this memory. Nothing here computes. A minimal
 * program multiplies two matrices; on a GPU, only the device's name differs:
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
 * <p>A device computes nothing but {@link org.charlstm.device.Operations}. {@link org.charlstm.device.Device#capture}
 * records a step of operations for many replays; {@link org.charlstm.device.FlatWeights} holds the initial weights of a
 * model made of operations.
 *
 * <p>A device and its models serve one thread at a time. A program with several threads gives each thread a device and
 * a model with the same weights; each device's number of threads then divides the processors among the devices:
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
 * <p>One thread may hand a device and its models to another. A call during another thread's call throws an
 * {@link IllegalStateException}, and so does a call after they are closed; {@link org.charlstm.device.Device.Lease}
 * enforces this.
 */
package org.charlstm.device;
