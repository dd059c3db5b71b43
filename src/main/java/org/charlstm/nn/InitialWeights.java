package org.charlstm.nn;

import java.util.ArrayList;
import java.util.List;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;

/**
 * What a new model's weights are. Biases but those of forget gates are zero.
 *
 * @param kernel     of each layer's kernel, one of {@link #OF_KERNELS}
 * @param recurrent  of each LSTM's recurrent kernel, one of {@link #OF_KERNELS}
 * @param forgetBias the biases of the forget gates; Keras' {@code unit_forget_bias} is 1, and without it 0
 */
public record InitialWeights(Initializer kernel, Initializer recurrent, double forgetBias) {
    /** What a kernel can be filled with. */
    public static final List<Initializer> OF_KERNELS =
            List.of(Initializer.GLOROT_UNIFORM, Initializer.ORTHOGONAL, Initializer.UNIFORM);
    /** Those of Keras 2. */
    public static final InitialWeights KERAS =
            new InitialWeights(Initializer.GLOROT_UNIFORM, Initializer.ORTHOGONAL, 1);

    /** Refuses what is for biases, and a bias that no float32 is. */
    public InitialWeights {
        if (!OF_KERNELS.contains(kernel) || !OF_KERNELS.contains(recurrent)) {
            throw new IllegalArgumentException("kernels cannot begin as " + kernel.title() + " and "
                    + recurrent.title());
        }
        if (!(Math.abs(forgetBias) <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("the bias of the forget gates is " + forgetBias
                    + "; it must be a number");
        }
    }

    /**
     * The weights that a model begins with, each tensor a function of the seed and its place in the model.
     *
     * @return its weights, rounded to float32 so that every device and file starts from the same
     */
    public Weights weights(ModelConfig config, long seed) {
        List<Tensor> tensors = new ArrayList<>();
        for (TensorSpec spec : config.tensors()) {
            double[] values = chosen(spec.initial()).values(new RandomStream(seed, Purpose.WEIGHTS, tensors.size()),
                    spec.shape());
            double factor = spec.initial() == Initializer.UNIT_FORGET_BIAS ? forgetBias : 1;
            for (int i = 0; i < values.length; i++) {
                // No zero is negative, whatever the factor.
                values[i] = (float) (factor * values[i] + 0.0);
            }
            tensors.add(new Tensor(spec.name(), spec.shape(), values));
        }
        return new Weights(config, tensors);
    }

    /** In place of Keras', which says of what kind a tensor is. */
    private Initializer chosen(Initializer keras) {
        return keras == KERAS.kernel ? kernel : keras == KERAS.recurrent ? recurrent : keras;
    }
}
