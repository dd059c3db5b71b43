package org.charlstm.cli;

import org.charlstm.device.cuda.context.CudaOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a GPU is made to compute, the same for every command that may use one. */
final class CudaOption {
    @Option(names = "--rnn-algo", paramLabel = "ALGORITHM",
            completionCandidates = Choices.OfRnnAlgorithm.class, defaultValue = "auto",
            description = "What runs the LSTM on a GPU: an algorithm of cuDNN's by name, standard, persist-static, "
                    + "persist-dynamic or persist-static-small-h; kernels, charlstm's own; fused, charlstm's own that "
                    + "go through a whole sequence, in float32 and of at most 128 units; or auto, the fastest of "
                    + "cuDNN's by measurement, and kernels where cuDNN cannot. Default: ${DEFAULT-VALUE}.")
    private String rnnAlgorithm;

    @Option(names = "--no-graph",
            description = "Tell a GPU each step call by call, rather than replay a recorded one: slower.")
    private boolean noGraph;

    @Mixin
    private BindingOption binding;

    /** Refuses what cannot be meant. */
    void check() {
        if (!CudaOptions.RNN_ALGORITHM.values().contains(rnnAlgorithm)) {
            throw new UsageException("--rnn-algo is '" + rnnAlgorithm + "'; there are "
                    + String.join(", ", CudaOptions.RNN_ALGORITHM.values()));
        }
        binding.chosen();
    }

    CudaOptions chosen() {
        return new CudaOptions(rnnAlgorithm, !noGraph, binding.chosen());
    }
}
