package org.charlstm.nn;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;

/**
 * How the weights of a new model are chosen. All biases are zero, except the biases of forget gates.
 *
 * @param kernel     the initialiser of kernels, one of {@link #OF_KERNELS}
 * @param recurrent  the initialiser of recurrent kernels, one of {@link #OF_KERNELS}
 * @param forgetBias the bias of forget gates: 1 for Keras' {@code unit_forget_bias}, 0 without it
 */
public record InitialWeights(Initializer kernel, Initializer recurrent, double forgetBias) {
    /** The initialisers for kernels. */
    public static final List<Initializer> OF_KERNELS =
            List.of(Initializer.GLOROT_UNIFORM, Initializer.ORTHOGONAL, Initializer.UNIFORM);
    /** Keras 2's initial weights. */
    public static final InitialWeights KERAS =
            new InitialWeights(Initializer.GLOROT_UNIFORM, Initializer.ORTHOGONAL, 1);

    /** Refuses initialisers of biases, and a bias beyond float32. */
    public InitialWeights {
        Refuse.argumentIf(!OF_KERNELS.contains(kernel) || !OF_KERNELS.contains(recurrent),
                "kernels cannot begin as " + kernel + " and " + recurrent);
        Refuse.argumentIf(!(Math.abs(forgetBias) <= Float.MAX_VALUE),
                "the bias of the forget gates is " + forgetBias + "; it must be a number");
    }

    /** A new model's weights, rounded to float32. On every device, each tensor depends on seed and index alone. */
    public Weights weights(ModelConfig config, long seed) {
        List<Tensor> tensors = new ArrayList<>();
        for (TensorSpec spec : config.tensors()) {
            double[] values = chosen(spec.initial()).values(new RandomStream(seed, Purpose.WEIGHTS, tensors.size()),
                    spec.shape());
            double factor = spec.initial() == Initializer.UNIT_FORGET_BIAS ? forgetBias : 1;
            for (int i = 0; i < values.length; i++) {
                // Adding 0.0 makes a negative zero positive.
                values[i] = (float) (factor * values[i] + 0.0);
            }
            tensors.add(new Tensor(spec.name(), spec.shape(), values));
        }
        return new Weights(config, tensors);
    }

    /** Replaces Keras' initialiser by the chosen one; Keras' tells a kernel from a recurrent kernel. */
    private Initializer chosen(Initializer keras) {
        return keras == KERAS.kernel ? kernel : keras == KERAS.recurrent ? recurrent : keras;
    }
}
