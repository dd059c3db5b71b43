package org.charlstm.keras;

import module java.base;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.Tensor;

/** A layer of a Keras model under its name in the file; the weights, if any, have Keras 2's shapes. */
record KerasLayer(String name, Kind kind, List<Tensor> arrays) {
    public KerasLayer {
        arrays = List.copyOf(arrays);
    }

    /** The computation of a layer, as far as the file describes it. */
    public sealed interface Kind {
    }

    /** An embedding (V, units). {@code described} is false for weights alone, which do not rule out masking. */
    public record Embedding(boolean described) implements Kind {
    }

    /**
     * A recurrent layer: kernel, recurrent kernel and bias as in {@link ForeignCell}. {@code said} has the cell's
     * {@link org.charlstm.device.RecurrentCell#options} that the file names; {@code everyStep} is empty if the file
     * does not say whether every step is output.
     */
    public record Recurrent(ForeignCell cell, Map<String, String> said, Optional<Boolean> everyStep) implements Kind {
        public Recurrent {
            said = Map.copyOf(said);
        }

        /** A layer that the file does not describe. */
        static Recurrent unsaid(ForeignCell cell) {
            return new Recurrent(cell, Map.of(), Optional.empty());
        }
    }

    /** A Dense layer at each step: kernel (inputs, units), bias (units), and Keras' name of the activation if known. */
    public record Dense(Optional<String> activation) implements Kind {
    }

    /**
     * Batch normalisation. {@code settings} are momentum and epsilon, if the file has them. {@code stored} names the
     * file's arrays among gamma (else ones), beta (else zeros), moving mean and moving variance, (units) each.
     */
    public record BatchNorm(Optional<BatchNormLayer> settings, List<String> stored) implements Kind {
    }

    /** Dropout of single elements. */
    public record Dropout(double rate) implements Kind {
    }

    /** An activation alone, with Keras' name. A layer that only changes the shape counts as a linear activation. */
    public record Activation(String title) implements Kind {
    }

    /** A layer that acts only in training, and the reason why it is left out. */
    public record InferenceOnly(String why) implements Kind {
    }

    /** Dropout from a file of weights alone. */
    static KerasLayer unsaidDropout(String name) {
        return new KerasLayer(name, new InferenceOnly("the file does not say what it drops"), List.of());
    }

    /** The number of columns, or of symbols, that a layer with weights takes. */
    int inputs() {
        return arrays.getFirst().shape().getFirst();
    }

    /** The number of columns that a layer with weights outputs. */
    int units() {
        return kind instanceof Recurrent ? arrays.get(1).shape().getFirst() : arrays.getFirst().shape().getLast();
    }
}
