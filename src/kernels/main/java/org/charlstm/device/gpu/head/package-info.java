/**
 * The head of two dense layers and the loss on a GPU: in one launch, where that is faster than its layers.
 */
package org.charlstm.device.gpu.head;
