/**
 * Models of other programs: Keras' files of every generation, read without trust and written, and weights for PyTorch.
 */
package org.charlstm.keras;
