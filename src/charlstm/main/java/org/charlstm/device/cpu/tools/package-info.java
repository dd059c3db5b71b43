/** What the operations of the processor's device share: threads, vectors, panels of matrices and their products. */
package org.charlstm.device.cpu.tools;
