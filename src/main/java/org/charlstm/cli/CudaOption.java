package org.charlstm.cli;

import java.util.Map;
import org.charlstm.device.gpu.GpuOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a GPU is made to compute, the same for every command that may use one. */
final class CudaOption {
    /** What were algorithms once, and are engines. */
    private static final Map<String, String> MOVED = Map.of("kernels", "plain", "fused", "fused");

    @Option(names = "--lstm", paramLabel = "ENGINE", completionCandidates = Choices.OfLstm.class,
            defaultValue = GpuOptions.AUTO,
            description = "What runs the LSTM on a GPU: cudnn; fused, charlstm's own kernels that go through a whole "
                    + "sequence, of at most 128 units; cluster, the same in bf16 by four blocks for each sequence, "
                    + "from compute capability 9.0 on; plain, charlstm's own a step at a time; or auto, for each "
                    + "shape the fastest by measurement of those that agree with plain, which serves where no other "
                    + "does. Default: ${DEFAULT-VALUE}.")
    private String lstm;

    @Option(names = "--rnn-algo", paramLabel = "ALGORITHM",
            completionCandidates = Choices.OfRnnAlgorithm.class, defaultValue = GpuOptions.AUTO,
            description = "How cuDNN runs the LSTM: standard, persist-static, persist-dynamic or "
                    + "persist-static-small-h, any of which is --lstm cudnn; or auto, the fastest. Default: "
                    + "${DEFAULT-VALUE}.")
    private String rnnAlgorithm;

    @Option(names = "--no-graph",
            description = "Tell a GPU each step call by call, rather than replay a recorded one: slower.")
    private boolean noGraph;

    @Option(names = "--no-overlap",
            description = "Let nothing run on a GPU beside the LSTM's time steps: slower, the same bits.")
    private boolean noOverlap;

    @Mixin
    private BindingOption binding;

    /** Refuses what cannot be meant. */
    void check() {
        UsageException.requireOneOf("--lstm", lstm, GpuOptions.LSTM.values());
        if (MOVED.containsKey(rnnAlgorithm)) {
            throw new UsageException("--rnn-algo is for cuDNN's algorithms alone, and " + rnnAlgorithm
                    + " is none; use --lstm " + MOVED.get(rnnAlgorithm));
        }
        UsageException.requireOneOf("--rnn-algo", rnnAlgorithm, GpuOptions.RNN_ALGORITHM.values());
        if (!rnnAlgorithm.equals(GpuOptions.AUTO) && !lstm.equals(GpuOptions.AUTO)
                && !lstm.equals(GpuOptions.CUDNN)) {
            throw new UsageException("--rnn-algo is " + rnnAlgorithm + ", an algorithm of cuDNN's, but --lstm is "
                    + lstm + "; leave one of them out");
        }
        binding.chosen();
    }

    GpuOptions chosen() {
        return new GpuOptions(lstm, rnnAlgorithm, !noGraph, !noOverlap, binding.chosen());
    }
}
