/**
 * The kernel library: an NVIDIA GPU from Java, with kernels of your own, cuBLAS, cuDNN's recurrent networks and NCCL.
 *
 * <p>{@link org.charlstm.cuda.Cuda#open()} opens a GPU. The GPU allocates memory ({@link
 * org.charlstm.cuda.CudaBuffer}), and compiles or loads a {@link org.charlstm.cuda.CudaModule}, whose kernels ({@link
 * org.charlstm.cuda.CudaKernel}) are launched in a {@link org.charlstm.cuda.Grid}:
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
 * <li><b>Order.</b> Calls enqueue work on the current {@link org.charlstm.cuda.CudaStream}, which runs it
 * asynchronously. Reading a result waits for the work, and {@link org.charlstm.cuda.CudaGraph} records work for later
 * launches.
 * <li><b>Life.</b> The program closes every object that it opens. Closing the GPU releases any object left open, and
 * logs the line that opened the object.
 * <li><b>Threads.</b> One platform thread at a time uses a {@code Cuda}; with {@link
 * org.charlstm.cuda.Cuda#exclusively} several threads take turns.
 * <li><b>Errors.</b> Arguments are checked before a call. A failed call throws a {@link
 * org.charlstm.cuda.CudaException}, which tells whether the GPU can still be used. A missing library throws a {@link
 * org.charlstm.CharlstmException}, which tells what to install.
 * </ul>
 *
 * <p>The package also has products ({@link org.charlstm.cuda.CudaBlas}), recurrent networks ({@link
 * org.charlstm.cuda.CudnnRnn}), several GPUs ({@link org.charlstm.cuda.NcclCommunicator}) and ranges for a profiler
 * ({@link org.charlstm.cuda.Nvtx}). Java is started with {@code --enable-native-access=ALL-UNNAMED}, or on the module
 * path with {@code =org.charlstm.cuda}. The package knows nothing of layers or models.
 */
package org.charlstm.cuda;
