package org.charlstm.keras;

import module java.base;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.Tensor;

/** A layer of a Keras model, by its name in the file, with its weights in Keras 2's shapes, if any. */
record KerasLayer(String name, Kind kind, List<Tensor> arrays) {
    public KerasLayer {
        arrays = List.copyOf(arrays);
    }

    /** The computation of a layer, as far as the file says it. */
    public sealed interface Kind {
    }

    /** A vector for each symbol: embeddings (V, units). A configuration says that none masks, weights alone do not. */
    public record Embedding(boolean described) implements Kind {
    }

    /**
     * A recurrent layer: kernel, recurrent kernel and bias, as {@link ForeignCell} has them, and as far as the file
     * says them the cell's {@link org.charlstm.device.RecurrentCell#options} and whether it outputs every step.
     */
    public record Recurrent(ForeignCell cell, Map<String, String> said, Optional<Boolean> everyStep) implements Kind {
        public Recurrent {
            said = Map.copyOf(said);
        }

        /** A layer of which nothing is said. */
        static Recurrent unsaid(ForeignCell cell) {
            return new Recurrent(cell, Map.of(), Optional.empty());
        }
    }

    /** A Dense layer at each step: kernel (inputs, units), bias (units), and Keras' name of the activation if said. */
    public record Dense(Optional<String> activation) implements Kind {
    }

    /**
     * Batch normalisation: momentum and epsilon, if the file says them, and which arrays it has of gamma, beta, moving
     * mean and moving variance, (units) each. A missing gamma is ones, a missing beta zeros.
     */
    public record BatchNorm(Optional<BatchNormLayer> settings, List<String> stored) implements Kind {
    }

    /** Dropout of single elements. */
    public record Dropout(double rate) implements Kind {
    }

    /** An activation alone, named as in Keras. A layer that only shapes is a linear one. */
    public record Activation(String title) implements Kind {
    }

    /** A layer that acts in training only, and why it is left out. */
    public record InferenceOnly(String why) implements Kind {
    }

    /** Dropout in a file of weights alone. */
    static KerasLayer unsaidDropout(String name) {
        return new KerasLayer(name, new InferenceOnly("the file does not say what it drops"), List.of());
    }

    /** The number of columns that a layer with weights takes, or of symbols. */
    int inputs() {
        return arrays.getFirst().shape().getFirst();
    }

    /** The number of columns that a layer with weights gives. */
    int units() {
        return kind instanceof Recurrent ? arrays.get(1).shape().getFirst() : arrays.getFirst().shape().getLast();
    }
}
