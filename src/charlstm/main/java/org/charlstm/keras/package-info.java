/**
 * Models of other programs: reads and writes Keras' files, trusting nothing in them, and exports weights to PyTorch.
 */
package org.charlstm.keras;
