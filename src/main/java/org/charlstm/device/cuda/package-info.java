/**
 * NVIDIA GPUs. So far the driver, the kernels and their tests; training on them comes next.
 */
package org.charlstm.device.cuda;
