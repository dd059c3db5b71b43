/** Tools that the operations of the processor's device share: threads, vectors, panels of matrices, products. */
package org.charlstm.device.cpu.tools;
