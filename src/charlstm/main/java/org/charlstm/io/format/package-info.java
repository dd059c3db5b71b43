/** Tensors, features and models in the bytes of files, read without trust. */
package org.charlstm.io.format;
