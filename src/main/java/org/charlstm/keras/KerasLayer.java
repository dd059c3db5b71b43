package org.charlstm.keras;

import java.util.Optional;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.nn.Tensor;

/** A layer with weights, in Keras 2's shapes. */
public sealed interface KerasLayer {
    /**
     * Its name in the file.
     *
     * @return the name
     */
    String name();

    /**
     * Columns in.
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

    /**
     * An LSTM with the activation tanh; gates in the order i, f, c, o.
     *
     * @param name                its name in the file
     * @param kernel              (inputs, 4H)
     * @param recurrentKernel     (H, 4H)
     * @param bias                (4H)
     * @param recurrentActivation what makes its gates, if the file says it
     */
    record Lstm(String name, Tensor kernel, Tensor recurrentKernel, Tensor bias,
            Optional<RecurrentActivation> recurrentActivation) implements KerasLayer {
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
    record Dense(String name, Tensor kernel, Tensor bias, Optional<String> activation) implements KerasLayer {
        @Override
        public int inputs() {
            return kernel.shape().getFirst();
        }

        @Override
        public int units() {
            return kernel.shape().getLast();
        }
    }
}
