package org.charlstm.cli;

import org.charlstm.device.GpuOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a GPU is made to compute, the same for every command that may use one. */
final class CudaOption {
    @Option(names = "--lstm", paramLabel = "ENGINE", defaultValue = "auto",
            description = "What runs the LSTM on a GPU: cudnn; fused, charlstm's own kernels that go through a whole "
                    + "sequence, of at most 128 units; cluster, the same in bf16 by four blocks for each sequence, "
                    + "from compute capability 9.0 on; plain, charlstm's own a step at a time; or auto, for each "
                    + "shape the fastest by measurement of those that agree with plain, which serves where no other "
                    + "does. Default: ${DEFAULT-VALUE}.")
    private GpuOptions.Engine lstm;

    @Option(names = "--rnn-algo", paramLabel = "ALGORITHM", defaultValue = "auto",
            description = "How cuDNN runs the LSTM: standard, persist-static, persist-dynamic or "
                    + "persist-static-small-h, any of which is --lstm cudnn; or auto, the fastest. Default: "
                    + "${DEFAULT-VALUE}.")
    private GpuOptions.Algorithm rnnAlgorithm;

    @Option(names = "--no-graph",
            description = "Tell a GPU each step call by call, rather than replay a recorded one: slower.")
    private boolean noGraph;

    @Option(names = "--no-overlap",
            description = "Let nothing run on a GPU beside the LSTM's time steps: slower, the same bits.")
    private boolean noOverlap;

    @Mixin
    private BindingOption binding;

    /** What was chosen; an algorithm of cuDNN with another engine is refused. */
    GpuOptions chosen() {
        try {
            return new GpuOptions(lstm, rnnAlgorithm, !noGraph, !noOverlap, binding.chosen());
        } catch (IllegalArgumentException e) {
            throw new UsageException("--rnn-algo is " + rnnAlgorithm + ", an algorithm of cuDNN's, but --lstm is "
                    + lstm + "; leave one of them out");
        }
    }
}
