package org.charlstm.device;

/**
 * What an LSTM carries from one time step to the next.
 *
 * @param hidden h, (L B, H): the B rows of the lowest layer first
 * @param cell   c, (L B, H)
 */
public record LstmState(Matrix hidden, Matrix cell) {
}
