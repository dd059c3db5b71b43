package org.charlstm.device;

import java.util.Locale;

/**
 * Options of a GPU; other devices ignore them.
 *
 * @param lstm      what runs the LSTM; left open, {@code algorithm} may name cuDNN
 * @param algorithm how cuDNN runs the LSTM
 * @param graphs    whether a recorded step is replayed, rather than launched call by call
 * @param overlap   whether work that does not wait for the LSTM's time steps may run beside them
 * @param binding   how NVIDIA's libraries are called
 */
public record GpuOptions(Engine lstm, Algorithm algorithm, boolean graphs, boolean overlap, Binding binding) {
    /** Everything automatic, steps recorded, work overlapped. */
    public static final GpuOptions DEFAULT = new GpuOptions(Engine.AUTO, Algorithm.AUTO, true, true, Binding.AUTO);

    /** The engine that runs an LSTM. */
    public enum Engine {
        /** The fastest by a measurement. */
        AUTO,
        /** Own kernels that go through a whole sequence, of few units. */
        FUSED,
        /** The same in bf16, a cluster of blocks for each sequence. */
        CLUSTER,
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

    /** How cuDNN runs an LSTM. */
    public enum Algorithm {
        /** The fastest by a measurement. */
        AUTO, STANDARD, PERSIST_STATIC, PERSIST_DYNAMIC, PERSIST_STATIC_SMALL_H;

        /** As users write it. */
        @Override
        public String toString() {
            return word(this);
        }
    }

    /** How NVIDIA's libraries are called. */
    public enum Binding {
        /** The first that finds all a GPU needs. */
        AUTO, PANAMA, JCUDA;

        /** As users write it. */
        @Override
        public String toString() {
            return word(this);
        }
    }

    /** Refuses an algorithm of cuDNN with another engine. */
    public GpuOptions {
        if (algorithm != Algorithm.AUTO && lstm != Engine.AUTO && lstm != Engine.CUDNN) {
            throw new IllegalArgumentException("rnn-algo " + algorithm + " is an algorithm of cuDNN's, and lstm is "
                    + lstm + "; leave one of them out");
        }
    }

    /** The engine of the LSTM. One of cuDNN's algorithms implies cuDNN. */
    public Engine engine() {
        return algorithm == Algorithm.AUTO ? lstm : Engine.CUDNN;
    }

    /** The engine, algorithm or binding that users write so. */
    public static <E extends Enum<E>> E named(Class<E> type, String word) {
        return Enum.valueOf(type, word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public GpuOptions with(Engine other) {
        return new GpuOptions(other, algorithm, graphs, overlap, binding);
    }

    public GpuOptions with(Algorithm other) {
        return new GpuOptions(lstm, other, graphs, overlap, binding);
    }

    public GpuOptions with(Binding other) {
        return new GpuOptions(lstm, algorithm, graphs, overlap, other);
    }

    public GpuOptions withGraphs(boolean wanted) {
        return new GpuOptions(lstm, algorithm, wanted, overlap, binding);
    }
}
