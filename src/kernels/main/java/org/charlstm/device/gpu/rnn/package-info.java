/**
 * Recurrent layers on a GPU: the engines that run them, and the choice of one for each shape. cuDNN has {@link
 * org.charlstm.device.gpu.rnn.CudnnLayers}; own kernels share {@link org.charlstm.device.gpu.rnn.KernelRnn}.
 */
package org.charlstm.device.gpu.rnn;
