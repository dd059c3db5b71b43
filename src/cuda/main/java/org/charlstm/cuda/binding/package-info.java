/**
 * The tables of NVIDIA's functions, with the search for the libraries and the cache of compiled kernels.
 * {@link org.charlstm.cuda} is made of it; two bindings implement the tables.
 */
package org.charlstm.cuda.binding;
