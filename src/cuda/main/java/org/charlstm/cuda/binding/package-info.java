/**
 * The calls of NVIDIA's libraries as they are, handles and addresses as longs, with the search for the libraries and
 * the cache of compiled kernels. {@link org.charlstm.cuda} is made of it; two bindings implement it.
 */
package org.charlstm.cuda.binding;
