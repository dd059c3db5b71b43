package org.charlstm.device;

import java.util.Locale;
import org.charlstm.cuda.Binding;

/**
 * Options of a GPU: what runs recurrent layers, which may be left to an algorithm of cuDNN's; whether a recorded step
 * is replayed, rather than launched call by call; whether work that does not wait for time steps may run beside them;
 * and how NVIDIA's libraries are called.
 */
public record GpuOptions(Engine rnnEngine, Algorithm algorithm, boolean graphs, boolean overlap, Binding binding) {
    /** Everything automatic, steps recorded, work overlapped. */
    public static final GpuOptions DEFAULT = new GpuOptions(Engine.AUTO, Algorithm.AUTO, true, true, Binding.AUTO);

    /** The engine that runs recurrent layers. */
    public enum Engine {
        /** The fastest by a measurement. */
        AUTO,
        /** Own kernels that go through a whole sequence, of few units. */
        FUSED,
        /** The same in bf16, a cluster of blocks for each sequence. */
        CLUSTER,
        /** NVIDIA's cuDNN. */
        CUDNN,
        /** Own kernels, a time step at a time. */
        PLAIN;

        /** Whether it goes through a whole sequence in one launch of an own kernel. */
        public boolean fused() {
            return this == FUSED || this == CLUSTER;
        }

        /** As users write it. */
        @Override
        public String toString() {
            return word(this);
        }
    }

    /** How cuDNN runs recurrent layers. */
    public enum Algorithm {
        /** The fastest by a measurement. */
        AUTO,
        /** CUDNN_RNN_ALGO_STANDARD, which serves every shape. */
        STANDARD,
        /** CUDNN_RNN_ALGO_PERSIST_STATIC: weights stay on the multiprocessors for the whole sequence. */
        PERSIST_STATIC,
        /** CUDNN_RNN_ALGO_PERSIST_DYNAMIC: the same with code compiled for the shape. */
        PERSIST_DYNAMIC,
        /** CUDNN_RNN_ALGO_PERSIST_STATIC_SMALL_H: the same for few units. */
        PERSIST_STATIC_SMALL_H;

        /** As users write it. */
        @Override
        public String toString() {
            return word(this);
        }
    }

    /** Refuses an algorithm of cuDNN with another engine. */
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

    /** The engine, algorithm or binding that users write so; another is an {@link IllegalArgumentException}. */
    public static <E extends Enum<E>> E named(Class<E> type, String word) {
        return Enum.valueOf(type, word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The same with what runs recurrent layers. */
    public GpuOptions with(Engine other) {
        return new GpuOptions(other, algorithm, graphs, overlap, binding);
    }

    /** The same with how cuDNN runs recurrent layers. */
    public GpuOptions with(Algorithm other) {
        return new GpuOptions(rnnEngine, other, graphs, overlap, binding);
    }

    /** The same with how NVIDIA's libraries are called. */
    public GpuOptions with(Binding other) {
        return new GpuOptions(rnnEngine, algorithm, graphs, overlap, other);
    }

    /** The same with or without recorded steps. */
    public GpuOptions withGraphs(boolean wanted) {
        return new GpuOptions(rnnEngine, algorithm, wanted, overlap, binding);
    }
}
