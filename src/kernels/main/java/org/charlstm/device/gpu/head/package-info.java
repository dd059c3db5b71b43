/** The head on a GPU: two dense layers and the loss, in one launch where this is faster than the layers. */
package org.charlstm.device.gpu.head;
