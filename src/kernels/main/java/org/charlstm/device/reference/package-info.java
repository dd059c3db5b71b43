/**
 * The oracle: every operation in simple double loops on one thread, written to be read. Every other device is compared
 * with the oracle.
 *
 * <p>All arrays are row-major: element (m, j) of a matrix with C columns is m C + j. T is the number of time steps, B
 * the number of sequences side by side, M = T B the number of rows, H the units of a recurrent layer, V the number of
 * symbols. Rows are time-major: the row of sequence b at step t is t B + b. The gradient of the loss L with respect to
 * x is dL/dx, named {@code dx}. The weights of a layer lie in one flat array, {@code w}: its tensors have Keras' shapes
 * and lie one after the other. Their gradients lie at the same indices of {@code dw}.
 */
package org.charlstm.device.reference;
