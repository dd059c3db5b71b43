package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.coarse;
import static org.charlstm.device.cpu.tools.Lanes.flushed;
import static org.charlstm.device.cpu.tools.Lanes.load;

import jdk.incubator.vector.FloatVector;
import module java.base;
import org.charlstm.device.Matrix;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.UpdateRule.Adam;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.device.UpdateRule.Sgd;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Workers;
import org.charlstm.device.host.Shapes;

/** The update rules over the flat buffers. */
final class CpuUpdate {
    /** Floats that one thread updates at a time: a multiple of every vector's length. */
    private static final int CHUNK = 8192;
    private static final float[] NONE = {};

    private final Workers workers;
    private final Workers.Shard rmsProp = this::rmsProp;
    private final Workers.Shard sgd = this::sgd;
    private final Workers.Shard velocity = this::velocity;
    private final Workers.Shard adam = this::adam;
    /** Saves the weights behind the trained ones during an update. */
    private final float[] untrained = new float[PANEL];
    private float[] weights = NONE;
    private float[] gradients = NONE;
    /** The states of the rule, in the rule's order. */
    private float[] first = NONE;
    private float[] second = NONE;
    private float rate;
    /** The decays of the first and the second state, and the factors of the gradient's share in each state. */
    private float firstDecay;
    private float secondDecay;
    private float toFirst;
    private float toSecond;
    private float epsilon;
    private float weightDecay;
    /** Adam's other factors. */
    private float correction;
    private float shrinkage;
    /** The factors of velocity and gradient in the change of the weights. */
    private float ofVelocity;
    private float ofGradient;

    CpuUpdate(Workers workers) {
        this.workers = workers;
    }

    /** Runs the update whose factors begin at index {@code at}. */
    void run(UpdateRule rule, Matrix weightsAt, Matrix gradientsAt, List<Matrix> states, double[] factors, int at) {
        weights = CpuMatrix.of(weightsAt).values();
        gradients = CpuMatrix.of(gradientsAt).values();
        int trained = gradientsAt.columns();
        Shapes.require(trained <= weightsAt.columns(), "%d gradients for %d weights", trained, weightsAt.columns());
        first = state(states, 0, gradientsAt);
        second = state(states, 1, gradientsAt);
        rate = (float) factors[at];
        // The last vector extends beyond the gradients: weights there are zeroed meanwhile, as the gradients are.
        int end = ORIGIN + trained;
        int beyond = gradients.length - end;
        System.arraycopy(weights, end, untrained, 0, beyond);
        Arrays.fill(weights, end, end + beyond, 0f);
        workers.run(Math.ceilDiv(gradients.length - ORIGIN, CHUNK), switch (rule) {
            case RmsProp asked -> {
                firstDecay = (float) asked.decay();
                toFirst = 1 - firstDecay;
                epsilon = (float) asked.epsilon();
                weightDecay = (float) asked.weightDecay();
                yield rmsProp;
            }
            case Sgd asked -> {
                firstDecay = (float) asked.momentum();
                weightDecay = (float) asked.weightDecay();
                ofVelocity = asked.nesterov() ? rate * firstDecay : rate;
                ofGradient = asked.nesterov() ? rate : 0;
                yield asked.momentum() == 0 ? sgd : velocity;
            }
            case Adam asked -> {
                firstDecay = (float) asked.beta1();
                secondDecay = (float) asked.beta2();
                // 1 - 0.999 in float has a larger error than all the rest of an update.
                toFirst = (float) (1 - asked.beta1());
                toSecond = (float) (1 - asked.beta2());
                epsilon = (float) asked.epsilon();
                weightDecay = (float) asked.coupledDecay();
                correction = (float) factors[at + 1];
                shrinkage = (float) factors[at + 2];
                yield adam;
            }
        });
        System.arraycopy(untrained, 0, weights, end, beyond);
    }

    /** A state of the rule; empty if the rule lacks this state. */
    private static float[] state(List<Matrix> states, int i, Matrix gradientsAt) {
        return i < states.size() ? CpuMatrix.of(states.get(i), gradientsAt.rows(), gradientsAt.columns()).values()
                : NONE;
    }

    private int end(int chunk) {
        return Math.min(gradients.length, ORIGIN + (chunk + 1) * CHUNK);
    }

    private void rmsProp(int chunk) {
        FloatVector coarse = coarse();
        for (int i = ORIGIN + chunk * CHUNK; i < end(chunk); i += COUNT) {
            FloatVector w = load(weights, i);
            FloatVector g = load(gradients, i).add(w.mul(weightDecay));
            FloatVector a = flushed(load(first, i).mul(firstDecay).add(g.mul(g).mul(toFirst)), coarse);
            a.intoArray(first, i);
            w.sub(g.mul(rate).div(a.sqrt().add(epsilon))).intoArray(weights, i);
        }
    }

    private void sgd(int chunk) {
        for (int i = ORIGIN + chunk * CHUNK; i < end(chunk); i += COUNT) {
            FloatVector w = load(weights, i);
            w.sub(load(gradients, i).add(w.mul(weightDecay)).mul(rate)).intoArray(weights, i);
        }
    }

    private void velocity(int chunk) {
        FloatVector coarse = coarse();
        for (int i = ORIGIN + chunk * CHUNK; i < end(chunk); i += COUNT) {
            FloatVector w = load(weights, i);
            FloatVector g = load(gradients, i).add(w.mul(weightDecay));
            FloatVector v = flushed(load(first, i).mul(firstDecay).add(g), coarse);
            v.intoArray(first, i);
            w.sub(v.mul(ofVelocity).add(g.mul(ofGradient))).intoArray(weights, i);
        }
    }

    private void adam(int chunk) {
        FloatVector coarse = coarse();
        for (int i = ORIGIN + chunk * CHUNK; i < end(chunk); i += COUNT) {
            FloatVector w = load(weights, i);
            FloatVector g = load(gradients, i).add(w.mul(weightDecay));
            FloatVector m = flushed(load(first, i).mul(firstDecay).add(g.mul(toFirst)), coarse);
            FloatVector v = flushed(load(second, i).mul(secondDecay).add(g.mul(g).mul(toSecond)), coarse);
            m.intoArray(first, i);
            v.intoArray(second, i);
            FloatVector change = m.mul(rate).div(v.sqrt().mul(correction).add(epsilon));
            w.sub(w.mul(shrinkage).add(change)).intoArray(weights, i);
        }
    }
}
