package org.charlstm.keras;

import java.util.Optional;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.Tensor;

/** A layer that is something in a model of charlstm, or in training, in Keras 2's shapes. */
public sealed interface KerasLayer {
    /** Its name in the file. */
    String name();

    /** A layer with weights, which say how wide it is. */
    sealed interface Weighted extends KerasLayer {
        /**
         * Columns in, or symbols.
         *
         * @return from 1
         */
        int inputs();

        /**
         * Columns out.
         *
         * @return from 1
         */
        int units();
    }

    /**
     * A vector for each symbol.
     *
     * @param name       its name in the file
     * @param embeddings (V, units)
     * @param described  whether the file says that no symbol is a mask
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
     * @param name                its name in the file
     * @param kernel              (inputs, 4H)
     * @param recurrentKernel     (H, 4H)
     * @param bias                (4H)
     * @param recurrentActivation what makes its gates, if the file says it
     * @param everyStep           whether it gives its output at each step, if the file says it
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
     * @param name       its name in the file
     * @param kernel     (inputs, units)
     * @param bias       (units)
     * @param activation what follows it in Keras' words, if the file says it
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
     * Batch normalisation; ones and zeros for a gamma and a beta that it has not.
     *
     * @param name           its name in the file
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

    /**
     * Dropout of single elements.
     *
     * @param name its name in the file
     * @param rate the share that is dropped
     */
    record Dropout(String name, double rate) implements KerasLayer {
    }

    /**
     * A layer that is nothing once the model is trained, and in training what no layer of charlstm is.
     *
     * @param name its name in the file
     * @param why  what it is, or what the file does not say of it
     */
    record LeftOut(String name, String why) implements KerasLayer {
        /** Dropout in weights alone. */
        static LeftOut unsaid(String name) {
            return new LeftOut(name, "the file does not say what it drops");
        }
    }
}
