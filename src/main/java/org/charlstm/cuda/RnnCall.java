package org.charlstm.cuda;

/**
 * What every call of one recurrent network and shape takes alike.
 *
 * @param handle       from {@link Cudnn#create}
 * @param rnn          from {@link Cudnn#createRnn}
 * @param state        the descriptor of h and c
 * @param weightBytes  bytes of the weights
 * @param weights      device pointer to the weights
 * @param workBytes    bytes of the workspace
 * @param work         device pointer to the workspace
 * @param reserveBytes bytes of the reserve space
 * @param reserve      device pointer to the reserve space
 */
public record RnnCall(long handle, long rnn, long x, long y, long state, long weightBytes, long weights,
        long workBytes, long work, long reserveBytes, long reserve) {
}
