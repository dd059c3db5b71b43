package org.charlstm.device;

import java.util.List;

/**
 * What a user may say about a device.
 *
 * @param threads      host threads that compute, or 0 for one on every processor
 * @param number       which GPU, from 0
 * @param rnnAlgorithm what runs the LSTM on a GPU: one of cuDNN's algorithms, for example {@code persist-static}, own
 *                     {@code kernels}, or {@code auto} for the fastest algorithm, and for kernels where cuDNN cannot
 * @param graphs       whether a GPU replays a recorded step, rather than be told it call by call
 * @param precision    how exactly a GPU computes
 * @param cudaBinding  how NVIDIA's libraries are called, for example {@code panama}, or {@code auto} for whichever
 *                     finds all that a GPU needs
 */
public record DeviceOptions(int threads, int number, String rnnAlgorithm, boolean graphs, Precision precision,
        String cudaBinding) {
    /** What may be said of what runs the LSTM. */
    public static final List<String> RNN_ALGORITHMS =
            List.of("auto", "standard", "persist-static", "persist-dynamic", "persist-static-small-h",
                    "kernels");
    /** Leaves the binding open. */
    public static final String AUTO_BINDING = "auto";
    /** What may be said of the binding. */
    public static final List<String> CUDA_BINDINGS = List.of(AUTO_BINDING, "panama", "jcuda");
    /** One thread on every processor, the first GPU, the fastest algorithm, recorded steps, exact float32. */
    public static final DeviceOptions DEFAULT = new DeviceOptions(0);

    /** Refuses a negative number, an unknown algorithm and an unknown binding. */
    public DeviceOptions {
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + "; it must be 0 (all processors) or more");
        }
        if (number < 0) {
            throw new IllegalArgumentException("the GPU's number is " + number + "; it must be 0 or more");
        }
        if (!RNN_ALGORITHMS.contains(rnnAlgorithm)) {
            throw new IllegalArgumentException("no way to run an LSTM is called '" + rnnAlgorithm + "'; there are "
                    + String.join(", ", RNN_ALGORITHMS));
        }
        if (!CUDA_BINDINGS.contains(cudaBinding)) {
            throw new IllegalArgumentException("no binding is called '" + cudaBinding + "'; there are "
                    + String.join(", ", CUDA_BINDINGS));
        }
    }

    /**
     * The defaults but for the threads.
     *
     * @param threads host threads that compute, or 0 for one on every processor
     */
    public DeviceOptions(int threads) {
        this(threads, 0, "auto", true, Precision.FLOAT32, AUTO_BINDING);
    }

    /**
     * The same for another GPU.
     *
     * @param other from 0
     * @return the options
     */
    public DeviceOptions withNumber(int other) {
        return new DeviceOptions(threads, other, rnnAlgorithm, graphs, precision, cudaBinding);
    }

    /**
     * The same with another algorithm.
     *
     * @param other one of {@link #RNN_ALGORITHMS}
     * @return the options
     */
    public DeviceOptions withRnnAlgorithm(String other) {
        return new DeviceOptions(threads, number, other, graphs, precision, cudaBinding);
    }

    /**
     * The same with or without recorded steps.
     *
     * @param other whether a GPU replays a recorded step
     * @return the options
     */
    public DeviceOptions withGraphs(boolean other) {
        return new DeviceOptions(threads, number, rnnAlgorithm, other, precision, cudaBinding);
    }

    /**
     * The same in another precision.
     *
     * @param other how exactly a GPU computes
     * @return the options
     */
    public DeviceOptions withPrecision(Precision other) {
        return new DeviceOptions(threads, number, rnnAlgorithm, graphs, other, cudaBinding);
    }

    /**
     * The same through another binding.
     *
     * @param other one of {@link #CUDA_BINDINGS}
     * @return the options
     */
    public DeviceOptions withCudaBinding(String other) {
        return new DeviceOptions(threads, number, rnnAlgorithm, graphs, precision, other);
    }
}
