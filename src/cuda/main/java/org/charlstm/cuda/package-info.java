/**
 * The kernel library: an NVIDIA GPU from Java, with kernels of your own, cuBLAS, cuDNN's recurrent networks and NCCL.
 *
 * <p>{@link org.charlstm.cuda.Cuda#open()} opens a GPU. It gives memory ({@link org.charlstm.cuda.CudaBuffer}), and
 * code by {@code compile} or {@code load} ({@link org.charlstm.cuda.CudaModule}), which has kernels
 * ({@link org.charlstm.cuda.CudaKernel}) to launch in a {@link org.charlstm.cuda.Grid}:
 *
 * {@snippet :
 * try (Cuda gpu = Cuda.open();
 *         CudaModule module = gpu.compile(Path.of("saxpy.cu"));
 *         CudaBuffer x = gpu.floats(1, 2, 3);
 *         CudaBuffer y = gpu.floats(10, 20, 30)) {
 *     module.kernel("saxpy").launch(Grid.covering(3, 128), 3, 2f, x, y);
 *     System.out.println(Arrays.toString(y.toFloats()));
 * }
 * }
 *
 * <p>Four rules hold throughout:
 * <ul>
 * <li><b>Order.</b> Work is enqueued on the current {@link org.charlstm.cuda.CudaStream} and runs after the call has
 * returned. Reading a result waits for it, and {@link org.charlstm.cuda.CudaGraph} records work to launch it again.
 * <li><b>Life.</b> Who opens something closes it. A GPU that is closed releases what was left, and logs who opened it.
 * <li><b>Threads.</b> One platform thread at a time uses a {@code Cuda}: {@link org.charlstm.cuda.Cuda#exclusively}
 * lets several take turns.
 * <li><b>Errors.</b> An argument is checked before a call. A call that fails is a
 * {@link org.charlstm.cuda.CudaException}, which says whether the GPU can still be used; a library that is missing a
 * {@link org.charlstm.CharlstmException}, which says what to install.
 * </ul>
 *
 * <p>Further on are products ({@link org.charlstm.cuda.CudaBlas}), recurrent networks
 * ({@link org.charlstm.cuda.CudnnRnn}), several GPUs ({@link org.charlstm.cuda.NcclCommunicator}) and ranges for a
 * profiler ({@link org.charlstm.cuda.Nvtx}). Java is started with {@code --enable-native-access=ALL-UNNAMED}, or on the
 * module path with {@code =org.charlstm.cuda}. The package knows nothing of layers or models.
 */
package org.charlstm.cuda;
