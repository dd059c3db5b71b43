package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.COUNT;
import static org.charlstm.device.cpu.Lanes.all;
import static org.charlstm.device.cpu.Lanes.coarse;
import static org.charlstm.device.cpu.Lanes.flushed;
import static org.charlstm.device.cpu.Lanes.load;

import jdk.incubator.vector.FloatVector;

/** Gates of 1 / (1 + exp(-x)). */
final class SigmoidGates implements GateKind {
    @Override
    public void apply(float[] gates, int at, int count) {
        Activations.sigmoid(gates, at, gates, at, count);
    }

    /**
     * One loop, which takes all from where it lies so that it is too large to be inlined: within its caller the
     * compiler would put some of the vectors on the heap.
     */
    @Override
    public void backward(CpuLstmLayer lstm, int inputGate, int size, int cellBefore, float[] hiddenGradients,
            float[] cellGradients, int first, int count) {
        int forgetGate = inputGate + size;
        int candidate = forgetGate + size;
        int outputGate = candidate + size;
        FloatVector one = all(1f);
        FloatVector coarse = coarse();
        for (int j = 0; j < count; j += COUNT) {
            FloatVector tanhC = load(lstm.tanhCells, first + j);
            FloatVector o = load(lstm.gates, outputGate + j);
            FloatVector dho = load(hiddenGradients, first + j).mul(o);
            flushed(dho.mul(tanhC).mul(one.sub(o)), coarse).intoArray(lstm.gates, outputGate + j);
            FloatVector dc = dho.mul(one.sub(tanhC.mul(tanhC))).add(load(cellGradients, first + j));
            FloatVector i = load(lstm.gates, inputGate + j);
            FloatVector f = load(lstm.gates, forgetGate + j);
            FloatVector g = load(lstm.gates, candidate + j);
            FloatVector dcf = dc.mul(f);
            FloatVector dci = dc.mul(i);
            flushed(dcf, coarse).intoArray(cellGradients, first + j);
            flushed(dci.mul(g).mul(one.sub(i)), coarse).intoArray(lstm.gates, inputGate + j);
            flushed(dcf.mul(load(lstm.cells, cellBefore + j)).mul(one.sub(f)), coarse).intoArray(lstm.gates,
                    forgetGate + j);
            flushed(dci.mul(one.sub(g.mul(g))), coarse).intoArray(lstm.gates, candidate + j);
        }
    }
}
