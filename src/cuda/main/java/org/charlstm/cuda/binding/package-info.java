/**
 * The tables of NVIDIA's functions, the search for the libraries, and the cache of compiled kernels.
 * {@link org.charlstm.cuda} builds on this package; two bindings implement the tables.
 */
package org.charlstm.cuda.binding;
