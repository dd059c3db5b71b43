package org.charlstm.keras;

import java.util.Optional;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.Tensor;

/** A layer of a Keras model, with its weights in Keras 2's shapes. */
public sealed interface KerasLayer {
    /** Its name in the file. */
    String name();

    /** A layer with weights. */
    sealed interface Weighted extends KerasLayer {
        /** The number of columns that it takes, or of symbols. */
        int inputs();

        /** The number of columns that it gives. */
        int units();
    }

    /**
     * A vector for each symbol.
     *
     * @param embeddings (V, units)
     * @param described  whether the file says that no symbol masks
     */
    record Embedding(String name, Tensor embeddings, boolean described) implements Weighted {
        @Override
        public int inputs() {
            return embeddings.shape().getFirst();
        }

        @Override
        public int units() {
            return embeddings.shape().getLast();
        }
    }

    /**
     * An LSTM with the activation tanh; gates in the order i, f, c, o.
     *
     * @param kernel              (inputs, 4H)
     * @param recurrentKernel     (H, 4H)
     * @param bias                (4H)
     * @param recurrentActivation of its gates, if the file says it
     * @param everyStep           whether it outputs every step, if the file says it
     */
    record Lstm(String name, Tensor kernel, Tensor recurrentKernel, Tensor bias,
            Optional<RecurrentActivation> recurrentActivation, Optional<Boolean> everyStep) implements Weighted {
        @Override
        public int inputs() {
            return kernel.shape().getFirst();
        }

        @Override
        public int units() {
            return recurrentKernel.shape().getFirst();
        }
    }

    /**
     * A Dense layer.
     *
     * @param kernel     (inputs, units)
     * @param bias       (units)
     * @param activation named as in Keras, if the file says it
     */
    record Dense(String name, Tensor kernel, Tensor bias, Optional<String> activation) implements Weighted {
        @Override
        public int inputs() {
            return kernel.shape().getFirst();
        }

        @Override
        public int units() {
            return kernel.shape().getLast();
        }
    }

    /**
     * Batch normalisation. A missing gamma is ones, a missing beta zeros.
     *
     * @param gamma          (units)
     * @param beta           (units)
     * @param movingMean     (units)
     * @param movingVariance (units)
     * @param settings       momentum and epsilon, if the file says them
     */
    record BatchNorm(String name, Tensor gamma, Tensor beta, Tensor movingMean, Tensor movingVariance,
            Optional<BatchNormLayer> settings) implements Weighted {
        @Override
        public int inputs() {
            return units();
        }

        @Override
        public int units() {
            return movingMean.shape().getFirst();
        }
    }

    /** Dropout of single elements. */
    record Dropout(String name, double rate) implements KerasLayer {
    }

    /**
     * A layer that acts in training only, and that charlstm lacks.
     *
     * @param why charlstm lacks it, or what the file does not say
     */
    record LeftOut(String name, String why) implements KerasLayer {
        /** Dropout in a file of weights alone. */
        static LeftOut unsaid(String name) {
            return new LeftOut(name, "the file does not say what it drops");
        }
    }
}
