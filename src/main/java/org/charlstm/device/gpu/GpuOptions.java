package org.charlstm.device.gpu;

import java.util.List;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider.Option;

/**
 * What only a GPU lets the user choose.
 *
 * @param lstm         what runs the LSTM, for example {@code fused}, or {@code auto} for the fastest
 * @param rnnAlgorithm cuDNN's algorithm, for example {@code persist-static}, or {@code auto} for the fastest
 * @param graphs       whether a recorded step is replayed, rather than told call by call
 * @param overlap      whether what does not wait for the LSTM's time steps may run beside them
 * @param binding      how NVIDIA's libraries are called, or {@link #AUTO} for whichever finds all it needs
 */
public record GpuOptions(String lstm, String rnnAlgorithm, boolean graphs, boolean overlap, String binding) {
    /** Leaves a choice open. */
    public static final String AUTO = "auto";
    /** What runs the LSTM by cuDNN. */
    public static final String CUDNN = "cudnn";
    /** What runs the LSTM. */
    public static final Option LSTM = new Option("lstm", List.of(AUTO, "fused", "cluster", CUDNN, "plain"));
    /** Of cuDNN's. */
    public static final Option RNN_ALGORITHM = new Option("rnn-algo",
            List.of(AUTO, "standard", "persist-static", "persist-dynamic", "persist-static-small-h"));
    /** Whether steps are recorded. */
    public static final Option GRAPH = new Option("graph", List.of("true", "false"));
    /** Whether a second stream runs beside the first. */
    public static final Option OVERLAP = new Option("overlap", List.of("true", "false"));
    /** How NVIDIA's libraries are called. */
    public static final Option BINDING = new Option("cuda-binding", List.of(AUTO, "panama", "jcuda"));
    /** All of them. */
    public static final List<Option> ALL = List.of(LSTM, RNN_ALGORITHM, GRAPH, OVERLAP, BINDING);

    /** Refuses an algorithm of cuDNN's for what runs without it. */
    public GpuOptions {
        if (!rnnAlgorithm.equals(AUTO) && !lstm.equals(AUTO) && !lstm.equals(CUDNN)) {
            throw new IllegalArgumentException("rnn-algo " + rnnAlgorithm + " is an algorithm of cuDNN's, and lstm is "
                    + lstm + "; leave one of them out");
        }
    }

    /** What runs the LSTM: naming one of cuDNN's algorithms is naming cuDNN. */
    public String engine() {
        return rnnAlgorithm.equals(AUTO) ? lstm : CUDNN;
    }

    /** Whether an engine is one that goes through a whole sequence in one launch, beside which other layers do too. */
    public static boolean inOneLaunch(String engine) {
        return engine.equals("fused") || engine.equals("cluster");
    }

    /** The options of any device with these among them. */
    public DeviceOptions in(DeviceOptions options) {
        return options.with(LSTM.name(), lstm).with(RNN_ALGORITHM.name(), rnnAlgorithm)
                .with(GRAPH.name(), Boolean.toString(graphs)).with(OVERLAP.name(), Boolean.toString(overlap))
                .with(BINDING.name(), binding);
    }

    /** What was asked for. */
    public static GpuOptions of(DeviceOptions options) {
        return new GpuOptions(LSTM.of(options), RNN_ALGORITHM.of(options), GRAPH.of(options).equals("true"),
                OVERLAP.of(options).equals("true"), BINDING.of(options));
    }
}
