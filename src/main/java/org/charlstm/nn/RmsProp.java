package org.charlstm.nn;

import org.charlstm.device.Doubles;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;

/** The optimiser of a model: its gradients, the running means of their squares, and the learning rate. */
public final class RmsProp {
    /** Keras' learning rate. */
    public static final double LEARNING_RATE = 0.001;
    /** Keras' decay of the running mean (rho). */
    public static final double DECAY = 0.9;
    /** Keras 2's epsilon, outside the root. */
    public static final double EPSILON = 1e-7;

    private final Model model;
    private final Matrix gradients;
    private final Matrix meanSquares;
    private final Doubles learningRate;
    private final double epsilon;

    /**
     * An optimiser that has seen no gradient.
     *
     * @param model   whose weights it updates
     * @param memory  where its buffers live
     * @param rate    the learning rate
     * @param epsilon outside the root
     */
    public RmsProp(Model model, Memory memory, double rate, double epsilon) {
        this.model = model;
        this.epsilon = epsilon;
        gradients = model.flatBuffer(memory.forPurpose("gradients"));
        meanSquares = model.flatBuffer(memory.forPurpose("optimiser state"));
        learningRate = memory.doubles(1);
        learningRate.write(new double[] {rate});
    }

    /**
     * The flat buffer that the backward pass fills.
     *
     * @return the buffer itself
     */
    public Matrix gradients() {
        return gradients;
    }

    /**
     * Copies the running means of the gradients' squares to the host.
     *
     * @return them under the names of the weights that they belong to; zeros before the first update
     */
    public Weights meanSquares() {
        return model.unpack(meanSquares);
    }

    /** Updates the weights from the gradients. */
    public void update() {
        model.device().operations().rmsProp(model.flatWeights(), gradients, meanSquares, learningRate, DECAY, epsilon);
    }
}
