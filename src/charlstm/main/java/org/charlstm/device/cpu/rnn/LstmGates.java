package org.charlstm.device.cpu.rnn;

import static org.charlstm.device.cpu.tools.Activations.HardSigmoid.slope;
import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.all;
import static org.charlstm.device.cpu.tools.Lanes.coarse;
import static org.charlstm.device.cpu.tools.Lanes.flushed;
import static org.charlstm.device.cpu.tools.Lanes.load;

import jdk.incubator.vector.FloatVector;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.cpu.tools.Activations;

/**
 * The activation of an LSTM's gates, and the backward pass through it. Each activation has loops of its own: a choice
 * inside a loop would be a branch, which puts vectors on the heap. Counts are multiples of the vector's length.
 */
interface LstmGates {
    /** Turns sums into gates, in place. NaN stays NaN. */
    void apply(float[] gates, int at, int count);

    /**
     * Replaces the gates, which lie {@code size} apart, by dL/dz of their sums, given dL/dh. {@code cellGradients}
     * holds the part of dL/dc that comes from the next step, and receives the part for the step before.
     */
    void backward(CpuLstm lstm, int inputGate, int size, int cellBefore, float[] hiddenGradients,
            float[] cellGradients, int first, int count);

    static LstmGates of(RecurrentActivation activation) {
        return switch (activation) {
            case SIGMOID -> new LstmGates.Sigmoid();
            case HARD_SIGMOID -> new LstmGates.Hard();
        };
    }

    /** Gates of 1 / (1 + exp(-x)). */
    final class Sigmoid implements LstmGates {
        @Override
        public void apply(float[] gates, int at, int count) {
            Activations.sigmoid(gates, at, gates, at, count);
        }

        /** One loop over memory, too large to be inlined on purpose: in its caller, vectors would be on the heap. */
        @Override
        public void backward(CpuLstm lstm, int inputGate, int size, int cellBefore, float[] hiddenGradients,
                float[] cellGradients, int first, int count) {
            int forgetGate = inputGate + size;
            int candidate = forgetGate + size;
            int outputGate = candidate + size;
            FloatVector one = all(1f);
            FloatVector coarse = coarse();
            for (int j = 0; j < count; j += COUNT) {
                FloatVector tanhC = load(lstm.tanhCells, first + j);
                FloatVector o = load(lstm.slots, outputGate + j);
                FloatVector dho = load(hiddenGradients, first + j).mul(o);
                flushed(dho.mul(tanhC).mul(one.sub(o)), coarse).intoArray(lstm.slots, outputGate + j);
                FloatVector dc = dho.mul(one.sub(tanhC.mul(tanhC))).add(load(cellGradients, first + j));
                FloatVector i = load(lstm.slots, inputGate + j);
                FloatVector f = load(lstm.slots, forgetGate + j);
                FloatVector g = load(lstm.slots, candidate + j);
                FloatVector dcf = dc.mul(f);
                FloatVector dci = dc.mul(i);
                flushed(dcf, coarse).intoArray(cellGradients, first + j);
                flushed(dci.mul(g).mul(one.sub(i)), coarse).intoArray(lstm.slots, inputGate + j);
                flushed(dcf.mul(load(lstm.cells, cellBefore + j)).mul(one.sub(f)), coarse).intoArray(lstm.slots,
                        forgetGate + j);
                flushed(dci.mul(one.sub(g.mul(g))), coarse).intoArray(lstm.slots, candidate + j);
            }
        }
    }

    /** Gates of clip(0.2 x + 0.5, 0, 1). */
    final class Hard implements LstmGates {
        @Override
        public void apply(float[] gates, int at, int count) {
            Activations.HardSigmoid.apply(gates, at, count);
        }

        @Override
        public void backward(CpuLstm lstm, int inputGate, int size, int cellBefore, float[] hiddenGradients,
                float[] cellGradients, int first, int count) {
            int forgetGate = inputGate + size;
            int candidate = forgetGate + size;
            int outputGate = candidate + size;
            FloatVector one = all(1f);
            FloatVector coarse = coarse();
            FloatVector large = all(Activations.HardSigmoid.LARGE);
            FloatVector most = all(Activations.HardSigmoid.SLOPE);
            for (int j = 0; j < count; j += COUNT) {
                FloatVector tanhC = load(lstm.tanhCells, first + j);
                FloatVector o = load(lstm.slots, outputGate + j);
                FloatVector dh = load(hiddenGradients, first + j);
                flushed(dh.mul(tanhC).mul(slope(o, one, large, most)), coarse).intoArray(lstm.slots, outputGate + j);
                FloatVector dc = dh.mul(o).mul(one.sub(tanhC.mul(tanhC))).add(load(cellGradients, first + j));
                FloatVector i = load(lstm.slots, inputGate + j);
                FloatVector f = load(lstm.slots, forgetGate + j);
                FloatVector g = load(lstm.slots, candidate + j);
                flushed(dc.mul(f), coarse).intoArray(cellGradients, first + j);
                flushed(dc.mul(g).mul(slope(i, one, large, most)), coarse).intoArray(lstm.slots, inputGate + j);
                flushed(dc.mul(load(lstm.cells, cellBefore + j)).mul(slope(f, one, large, most)), coarse)
                        .intoArray(lstm.slots, forgetGate + j);
                flushed(dc.mul(i).mul(one.sub(g.mul(g))), coarse).intoArray(lstm.slots, candidate + j);
            }
        }
    }
}
