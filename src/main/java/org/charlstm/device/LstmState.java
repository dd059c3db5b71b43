package org.charlstm.device;

/**
 * What an LSTM carries from one time step to the next.
 *
 * @param hidden h, (B, H)
 * @param cell   c, (B, H)
 */
public record LstmState(Matrix hidden, Matrix cell) {
}
