/**
 * The tools of operations on a GPU: its memory and streams, charlstm's kernels, products through cuBLAS, and the
 * measurement that chooses among several ways.
 */
package org.charlstm.device.gpu.tools;
