/**
 * Models of other programs: reads Keras' files of every generation without trusting them, writes them, and exports
 * weights to PyTorch.
 */
package org.charlstm.keras;
