/**
 * The contract of a device: memory, and a dozen coarse operations on it. Nothing here computes.
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
 * {@link IllegalStateException}, and so is one after they are closed; {@link org.charlstm.device.Leases.Lease} is how.
 */
package org.charlstm.device;
