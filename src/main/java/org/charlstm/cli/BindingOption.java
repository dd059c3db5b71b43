package org.charlstm.cli;

import org.charlstm.device.GpuOptions;
import picocli.CommandLine.Option;

/** How NVIDIA's libraries are called, the same for every command that may use a GPU or looks for one. */
final class BindingOption {
    @Option(names = "--cuda-binding", paramLabel = "BINDING",
            defaultValue = "auto",
            description = "How NVIDIA's libraries are called: panama, jcuda, or auto (panama if it finds all that a "
                    + "GPU needs, else jcuda). Default: ${DEFAULT-VALUE}.")
    private GpuOptions.Binding cudaBinding;

    GpuOptions.Binding chosen() {
        return cudaBinding;
    }
}
