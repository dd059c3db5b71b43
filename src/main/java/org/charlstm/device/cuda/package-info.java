/**
 * NVIDIA GPUs; so far it only says that they cannot be used yet.
 */
package org.charlstm.device.cuda;
