/** The file formats of tensors, features and models. Files are read without trust. */
package org.charlstm.io.format;
