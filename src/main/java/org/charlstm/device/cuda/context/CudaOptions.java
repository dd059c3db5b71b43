package org.charlstm.device.cuda.context;

import java.util.List;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider.Option;

/**
 * What only a GPU lets the user choose.
 *
 * @param rnnAlgorithm how the LSTM runs, for example {@code persist-static}, or {@code auto} for the fastest
 * @param graphs       whether a recorded step is replayed, rather than told call by call
 * @param binding      how NVIDIA's libraries are called, or {@link #AUTO_BINDING} for whichever finds all it needs
 */
public record CudaOptions(String rnnAlgorithm, boolean graphs, String binding) {
    /** Leaves the binding open. */
    public static final String AUTO_BINDING = "auto";
    /** How the LSTM runs. */
    public static final Option RNN_ALGORITHM = new Option("rnn-algo",
            List.of("auto", "standard", "persist-static", "persist-dynamic", "persist-static-small-h",
                    "kernels", "fused"));
    /** Whether steps are recorded. */
    public static final Option GRAPH = new Option("graph", List.of("true", "false"));
    /** How NVIDIA's libraries are called. */
    public static final Option BINDING = new Option("cuda-binding", List.of(AUTO_BINDING, "panama", "jcuda"));
    /** All of them. */
    public static final List<Option> ALL = List.of(RNN_ALGORITHM, GRAPH, BINDING);

    /** The options of any device with these among them. */
    public DeviceOptions in(DeviceOptions options) {
        return options.with(RNN_ALGORITHM.name(), rnnAlgorithm).with(GRAPH.name(), Boolean.toString(graphs))
                .with(BINDING.name(), binding);
    }

    /** What was asked for. */
    public static CudaOptions of(DeviceOptions options) {
        return new CudaOptions(RNN_ALGORITHM.of(options), GRAPH.of(options).equals("true"), BINDING.of(options));
    }
}
