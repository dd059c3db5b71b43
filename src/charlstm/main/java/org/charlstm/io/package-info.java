/** The native model file: safetensors, written atomically and read without trust. */
package org.charlstm.io;
