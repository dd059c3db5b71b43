package org.charlstm.device.cpu.rnn;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static org.charlstm.device.cpu.tools.Activations.HardSigmoid.slope;
import static org.charlstm.device.cpu.tools.Lanes.COARSE;
import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.SPECIES;
import static org.charlstm.device.cpu.tools.Lanes.all;
import static org.charlstm.device.cpu.tools.Lanes.coarse;
import static org.charlstm.device.cpu.tools.Lanes.flushed;
import static org.charlstm.device.cpu.tools.Lanes.load;

import jdk.incubator.vector.FloatVector;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.cpu.tools.Activations;

/**
 * The element-wise part of an LSTM's step, forward and backward, in one loop over memory for each activation of the
 * gates: a choice inside a loop would be a branch, which puts vectors on the heap. Counts are multiples of the vector
 * length.
 */
interface LstmGates {
    /**
     * Turns the sums of one panel of units, which lie {@code sumsSize} apart, into gates, which lie {@code size} apart;
     * writes c, and h in rows. NaN stays NaN.
     */
    void forward(CpuLstm lstm, float[] sums, int sumsAt, int sumsSize, int inputGate, int size, int cellBefore,
            int cellAfter, int count, int to);

    /**
     * Replaces the gates by dL/dz of their sums, given dL/dh. {@code cellGradients} holds the part of dL/dc that comes
     * from the next step, and receives the part for the previous step.
     */
    void backward(CpuLstm lstm, int inputGate, int size, int cellBefore, int cellAfter, float[] hiddenGradients,
            float[] cellGradients, int first, int count);

    static LstmGates of(RecurrentActivation activation) {
        return switch (activation) {
            case SIGMOID -> new LstmGates.Sigmoid();
            case HARD_SIGMOID -> new LstmGates.Hard();
        };
    }

    /** Gates of 1 / (1 + exp(-x)). */
    final class Sigmoid implements LstmGates {
        /**
         * tanh and sigmoid are the functions of {@link Activations}; the four gates share one division. The code calls
         * only the vectors' own methods, which the compiler inlines in code of any size.
         */
        @Override
        public void forward(CpuLstm lstm, float[] sums, int sumsAt, int sumsSize, int inputGate, int size,
                int cellBefore, int cellAfter, int count, int to) {
            int forgetGate = inputGate + size;
            int candidate = forgetGate + size;
            int outputGate = candidate + size;
            float[] slots = lstm.slots;
            float[] cells = lstm.cells;
            float[] output = lstm.layer.output();
            int stride = lstm.stride;
            FloatVector coarse = FloatVector.broadcast(SPECIES, COARSE);
            FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
            FloatVector high = FloatVector.broadcast(SPECIES, Activations.BOUND);
            FloatVector low = FloatVector.broadcast(SPECIES, -Activations.BOUND);
            FloatVector p0 = FloatVector.broadcast(SPECIES, Activations.P0);
            FloatVector p1 = FloatVector.broadcast(SPECIES, Activations.P1);
            FloatVector p2 = FloatVector.broadcast(SPECIES, Activations.P2);
            FloatVector p3 = FloatVector.broadcast(SPECIES, Activations.P3);
            FloatVector q0 = FloatVector.broadcast(SPECIES, 1f);
            FloatVector q1 = FloatVector.broadcast(SPECIES, Activations.Q1);
            FloatVector q2 = FloatVector.broadcast(SPECIES, Activations.Q2);
            FloatVector q3 = FloatVector.broadcast(SPECIES, Activations.Q3);
            FloatVector q4 = FloatVector.broadcast(SPECIES, Activations.Q4);
            for (int j = 0; j < count; j += COUNT) {
                FloatVector xi = FloatVector.fromArray(SPECIES, sums, sumsAt + j).mul(half);
                FloatVector xf = FloatVector.fromArray(SPECIES, sums, sumsAt + sumsSize + j).mul(half);
                FloatVector xg = FloatVector.fromArray(SPECIES, sums, sumsAt + 2 * sumsSize + j);
                FloatVector xo = FloatVector.fromArray(SPECIES, sums, sumsAt + 3 * sumsSize + j).mul(half);
                xi = xi.blend(high, xi.compare(GT, high));
                xf = xf.blend(high, xf.compare(GT, high));
                xg = xg.blend(high, xg.compare(GT, high));
                xo = xo.blend(high, xo.compare(GT, high));
                xi = xi.blend(low, xi.compare(LT, low));
                xf = xf.blend(low, xf.compare(LT, low));
                xg = xg.blend(low, xg.compare(LT, low));
                xo = xo.blend(low, xo.compare(LT, low));
                FloatVector ui = xi.mul(xi);
                FloatVector uf = xf.mul(xf);
                FloatVector ug = xg.mul(xg);
                FloatVector uo = xo.mul(xo);
                FloatVector pi = ui.fma(p3, p2).fma(ui, p1).fma(ui, p0).mul(xi);
                FloatVector pf = uf.fma(p3, p2).fma(uf, p1).fma(uf, p0).mul(xf);
                FloatVector pg = ug.fma(p3, p2).fma(ug, p1).fma(ug, p0).mul(xg);
                FloatVector po = uo.fma(p3, p2).fma(uo, p1).fma(uo, p0).mul(xo);
                FloatVector qi = ui.fma(q4, q3).fma(ui, q2).fma(ui, q1).fma(ui, q0);
                FloatVector qf = uf.fma(q4, q3).fma(uf, q2).fma(uf, q1).fma(uf, q0);
                FloatVector qg = ug.fma(q4, q3).fma(ug, q2).fma(ug, q1).fma(ug, q0);
                FloatVector qo = uo.fma(q4, q3).fma(uo, q2).fma(uo, q1).fma(uo, q0);
                FloatVector both = qi.mul(qf);
                FloatVector others = qg.mul(qo);
                FloatVector inverse = half.div(both.mul(others));
                FloatVector ofBoth = inverse.mul(others);
                FloatVector ofOthers = inverse.mul(both);
                FloatVector i = pi.mul(qf).fma(ofBoth, half);
                FloatVector f = pf.mul(qi).fma(ofBoth, half);
                FloatVector g = pg.mul(qo).mul(ofOthers.add(ofOthers));
                FloatVector o = po.mul(qg).fma(ofOthers, half);
                i.intoArray(slots, inputGate + j);
                f.intoArray(slots, forgetGate + j);
                g.intoArray(slots, candidate + j);
                o.intoArray(slots, outputGate + j);
                FloatVector c = f.fma(FloatVector.fromArray(SPECIES, cells, cellBefore + j), i.mul(g)).add(coarse)
                        .sub(coarse);
                c.intoArray(cells, cellAfter + j);
                c = c.blend(high, c.compare(GT, high));
                c = c.blend(low, c.compare(LT, low));
                FloatVector u = c.mul(c);
                FloatVector p = u.fma(p3, p2).fma(u, p1).fma(u, p0).mul(c);
                p.div(u.fma(q4, q3).fma(u, q2).fma(u, q1).fma(u, q0)).mul(o).intoArray(output,
                        to + j / PANEL * stride + j % PANEL);
            }
        }

        @Override
        public void backward(CpuLstm lstm, int inputGate, int size, int cellBefore, int cellAfter,
                float[] hiddenGradients, float[] cellGradients, int first, int count) {
            int forgetGate = inputGate + size;
            int candidate = forgetGate + size;
            int outputGate = candidate + size;
            float[] slots = lstm.slots;
            float[] cells = lstm.cells;
            FloatVector one = all(1f);
            FloatVector coarse = coarse();
            for (int j = 0; j < count; j += COUNT) {
                FloatVector tanhC = Activations.tanh(FloatVector.fromArray(SPECIES, cells, cellAfter + j));
                FloatVector o = FloatVector.fromArray(SPECIES, slots, outputGate + j);
                FloatVector dho = FloatVector.fromArray(SPECIES, hiddenGradients, first + j).mul(o);
                FloatVector dc = dho.mul(one.sub(tanhC.mul(tanhC)))
                        .add(FloatVector.fromArray(SPECIES, cellGradients, first + j));
                dho.mul(tanhC).mul(one.sub(o)).add(coarse).sub(coarse).intoArray(slots, outputGate + j);
                FloatVector i = FloatVector.fromArray(SPECIES, slots, inputGate + j);
                FloatVector f = FloatVector.fromArray(SPECIES, slots, forgetGate + j);
                FloatVector g = FloatVector.fromArray(SPECIES, slots, candidate + j);
                FloatVector dcf = dc.mul(f).add(coarse).sub(coarse);
                FloatVector dci = dc.mul(i);
                dcf.intoArray(cellGradients, first + j);
                dci.mul(g).mul(one.sub(i)).add(coarse).sub(coarse).intoArray(slots, inputGate + j);
                dcf.mul(FloatVector.fromArray(SPECIES, cells, cellBefore + j)).mul(one.sub(f)).add(coarse).sub(coarse)
                        .intoArray(slots, forgetGate + j);
                dci.mul(one.sub(g.mul(g))).add(coarse).sub(coarse).intoArray(slots, candidate + j);
            }
        }
    }

    /** Gates of clip(0.2 x + 0.5, 0, 1). */
    final class Hard implements LstmGates {
        @Override
        public void forward(CpuLstm lstm, float[] sums, int sumsAt, int sumsSize, int inputGate, int size,
                int cellBefore, int cellAfter, int count, int to) {
            int forgetGate = inputGate + size;
            int candidate = forgetGate + size;
            int outputGate = candidate + size;
            float[] slots = lstm.slots;
            float[] output = lstm.layer.output();
            FloatVector coarse = coarse();
            Activations.HardSigmoid.apply(sums, sumsAt, slots, inputGate, count);
            Activations.HardSigmoid.apply(sums, sumsAt + sumsSize, slots, forgetGate, count);
            Activations.HardSigmoid.apply(sums, sumsAt + 3 * sumsSize, slots, outputGate, count);
            for (int j = 0; j < count; j += COUNT) {
                FloatVector g = Activations.tanh(load(sums, sumsAt + 2 * sumsSize + j));
                g.intoArray(slots, candidate + j);
                FloatVector c = flushed(load(slots, forgetGate + j).fma(load(lstm.cells, cellBefore + j),
                        load(slots, inputGate + j).mul(g)), coarse);
                c.intoArray(lstm.cells, cellAfter + j);
                Activations.tanh(c).mul(load(slots, outputGate + j)).intoArray(output,
                        to + j / PANEL * lstm.stride + j % PANEL);
            }
        }

        @Override
        public void backward(CpuLstm lstm, int inputGate, int size, int cellBefore, int cellAfter,
                float[] hiddenGradients, float[] cellGradients, int first, int count) {
            int forgetGate = inputGate + size;
            int candidate = forgetGate + size;
            int outputGate = candidate + size;
            FloatVector one = all(1f);
            FloatVector coarse = coarse();
            FloatVector large = all(Activations.HardSigmoid.LARGE);
            FloatVector most = all(Activations.HardSigmoid.SLOPE);
            for (int j = 0; j < count; j += COUNT) {
                FloatVector tanhC = Activations.tanh(load(lstm.cells, cellAfter + j));
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
