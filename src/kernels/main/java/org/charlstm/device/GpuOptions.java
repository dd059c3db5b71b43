package org.charlstm.device;

import java.util.Locale;
import org.charlstm.cuda.Binding;

/**
 * Options of a GPU: the engine of recurrent layers; cuDNN's algorithm for these layers; whether a recorded step is
 * replayed as a CUDA graph rather than launched call by call; whether work that is independent of the time steps may
 * overlap with them; and how NVIDIA's libraries are called.
 */
public record GpuOptions(Engine rnnEngine, Algorithm algorithm, boolean graphs, boolean overlap, Binding binding) {
    /** Automatic choices, recorded steps and overlapped work. */
    public static final GpuOptions DEFAULT = new GpuOptions(Engine.AUTO, Algorithm.AUTO, true, true, Binding.AUTO);

    /** The engine that runs recurrent layers. */
    public enum Engine {
        /** The fastest, chosen by measurement. */
        AUTO,
        /** charlstm's kernels that compute a whole sequence in one launch, for few units. */
        FUSED,
        /** The same kernels in bf16, with a cluster of blocks for each sequence. */
        CLUSTER,
        /** NVIDIA's cuDNN. */
        CUDNN,
        /** charlstm's kernels with a launch for each time step. */
        PLAIN;

        /** Whether the engine computes a whole sequence in one launch of charlstm's own kernel. */
        public boolean fused() {
            return this == FUSED || this == CLUSTER;
        }

        /** The name that users write. */
        @Override
        public String toString() {
            return word(this);
        }
    }

    /** How cuDNN runs recurrent layers. */
    public enum Algorithm {
        /** The fastest, chosen by measurement. */
        AUTO,
        /** CUDNN_RNN_ALGO_STANDARD, which serves every shape. */
        STANDARD,
        /** CUDNN_RNN_ALGO_PERSIST_STATIC: weights stay on the multiprocessors for the whole sequence. */
        PERSIST_STATIC,
        /** CUDNN_RNN_ALGO_PERSIST_DYNAMIC: persistent weights, with code compiled for the shape. */
        PERSIST_DYNAMIC,
        /** CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H: persistent weights, for few units. */
        PERSIST_STATIC_SMALL_H;

        /** The name that users write. */
        @Override
        public String toString() {
            return word(this);
        }
    }

    /** Refuses one of cuDNN's algorithms together with an engine other than cuDNN. */
    public GpuOptions {
        if (algorithm != Algorithm.AUTO && rnnEngine != Engine.AUTO && rnnEngine != Engine.CUDNN) {
            throw new IllegalArgumentException("rnn-algo " + algorithm
                    + " is an algorithm of cuDNN's, and rnn-engine is " + rnnEngine + "; leave one of them out");
        }
    }

    /** The engine of recurrent layers. One of cuDNN's algorithms implies cuDNN. */
    public Engine engine() {
        return algorithm == Algorithm.AUTO ? rnnEngine : Engine.CUDNN;
    }

    /** The engine, algorithm or binding of a word; an unknown word throws an {@link IllegalArgumentException}. */
    public static <E extends Enum<E>> E named(Class<E> type, String word) {
        return Enum.valueOf(type, word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** These options with another engine of recurrent layers. */
    public GpuOptions with(Engine other) {
        return new GpuOptions(other, algorithm, graphs, overlap, binding);
    }

    /** These options with another algorithm of cuDNN. */
    public GpuOptions with(Algorithm other) {
        return new GpuOptions(rnnEngine, other, graphs, overlap, binding);
    }

    /** These options with another way to call NVIDIA's libraries. */
    public GpuOptions with(Binding other) {
        return new GpuOptions(rnnEngine, algorithm, graphs, overlap, other);
    }

    /** These options with or without recorded steps. */
    public GpuOptions withGraphs(boolean wanted) {
        return new GpuOptions(rnnEngine, algorithm, wanted, overlap, binding);
    }
}
