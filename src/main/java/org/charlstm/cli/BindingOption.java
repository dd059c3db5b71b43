package org.charlstm.cli;

import org.charlstm.device.gpu.GpuOptions;
import picocli.CommandLine.Option;

/** How NVIDIA's libraries are called, the same for every command that may use a GPU or looks for one. */
final class BindingOption {
    @Option(names = "--cuda-binding", paramLabel = "BINDING",
            completionCandidates = Choices.OfBinding.class, defaultValue = GpuOptions.AUTO,
            description = "How NVIDIA's libraries are called: panama, jcuda, or auto (panama if it finds all that a "
                    + "GPU needs, else jcuda). Default: ${DEFAULT-VALUE}.")
    private String cudaBinding;

    /** What was asked for; what cannot be meant is refused. */
    String chosen() {
        UsageException.requireOneOf("--cuda-binding", cudaBinding, GpuOptions.BINDING.values());
        return cudaBinding;
    }
}
