/**
 * NVIDIA GPUs, and the simulated one: devices that train and sample through cuBLAS, cuDNN and charlstm's own kernels.
 *
 * <p>{@link org.charlstm.device.cuda.CudaProvider} finds out what is here and opens a
 * {@link org.charlstm.device.cuda.CudaDevice}, whose operations lie in the packages below: {@code binding} calls
 * NVIDIA's libraries, through {@code panama} or {@code jcuda}; {@code context} has the stream and records steps as
 * graphs; {@code memory} and {@code kernel} have buffers and the kernels' machine code; {@code linear}, {@code layer}
 * and {@code lstm} compute. None has run on hardware yet: the simulated GPU runs all of it.
 */
package org.charlstm.device.cuda;
