package org.charlstm.device.cpu;

import org.charlstm.device.RecurrentActivation;

/**
 * What makes an LSTM's gates, and the way back through them. Each kind has loops of its own: a choice within one would
 * be a branch, which puts vectors on the heap. Counts are multiples of the vector's length.
 */
interface GateKind {
    /** Turns sums into gates, in place. NaN stays NaN. */
    void apply(float[] gates, int at, int count);

    /**
     * From dL/dh to the sums of all gates, in the gates' place and {@code size} apart, and to the cell of the step
     * before: {@code cellGradients} has dL/dc by way of the next step, and receives that of the one before.
     */
    void backward(CpuLstmLayer lstm, int inputGate, int size, int cellBefore, float[] hiddenGradients,
            float[] cellGradients, int first, int count);

    static GateKind of(RecurrentActivation activation) {
        return switch (activation) {
            case SIGMOID -> new SigmoidGates();
            case HARD_SIGMOID -> new HardSigmoidGates();
        };
    }
}
