package org.charlstm.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much of a text is taken. */
final class MaxSamplesOption {
    @Option(names = "--max-samples", paramLabel = "N", description = "Take the first N captions. Default: all.")
    private @Nullable Integer maxSamples;

    void check() {
        if (maxSamples != null) {
            UsageException.requireAtLeast("--max-samples", maxSamples, 1);
        }
    }

    /** The number given, or another. */
    int orElse(int other) {
        return maxSamples == null ? other : maxSamples;
    }
}
