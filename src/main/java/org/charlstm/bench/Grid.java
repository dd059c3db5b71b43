package org.charlstm.bench;

import java.util.ArrayList;
import java.util.List;
import org.charlstm.device.GpuOptions;
import org.jspecify.annotations.Nullable;

/**
 * What is to be measured.
 *
 * @param text           the captions, the same for all
 * @param protocol       how each configuration is measured
 * @param configurations all that are
 * @param part           of which part they are; null if they are a whole grid
 */
public record Grid(TextSource text, Protocol protocol, List<Configuration> configurations, @Nullable Part part) {
    /**
     * How each configuration is measured.
     *
     * @param epochs       epochs that count, in each repeat
     * @param repeats      processes that each measure every configuration
     * @param warmUp       epochs before them that do not count, in each repeat
     * @param lstm         what runs the LSTM on a GPU
     * @param rnnAlgorithm how cuDNN runs the LSTM
     * @param graphs       whether a GPU replays a recorded step
     * @param cudaBinding  how NVIDIA's libraries are called
     */
    public record Protocol(int epochs, int repeats, int warmUp, String lstm, String rnnAlgorithm, boolean graphs,
            String cudaBinding) {
        /** With the choices that concern a GPU. */
        public Protocol(int epochs, int repeats, int warmUp, GpuOptions gpu) {
            this(epochs, repeats, warmUp, gpu.lstm().toString(), gpu.algorithm().toString(), gpu.graphs(),
                    gpu.binding().toString());
        }

        GpuOptions gpu() {
            return new GpuOptions(GpuOptions.named(GpuOptions.Engine.class, lstm),
                    GpuOptions.named(GpuOptions.Algorithm.class, rnnAlgorithm), graphs, true,
                    GpuOptions.named(GpuOptions.Binding.class, cudaBinding));
        }
    }

    /** Copies the list; refuses an empty one. */
    public Grid {
        configurations = List.copyOf(configurations);
        if (configurations.isEmpty()) {
            throw new IllegalArgumentException("a grid of no configuration");
        }
    }

    /**
     * One measurement of a configuration.
     *
     * @param configuration its place in the grid, from 0
     * @param repeat        from 0
     */
    record Run(int configuration, int repeat) {
    }

    /**
     * All measurements in the order in which they are made: every configuration once before any comes again, and every
     * other time from the last to the first, so that what drifts meets all alike.
     */
    List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        for (int repeat = 0; repeat < protocol.repeats(); repeat++) {
            for (int i = 0; i < configurations.size(); i++) {
                runs.add(new Run(repeat % 2 == 0 ? i : configurations.size() - 1 - i, repeat));
            }
        }
        return runs;
    }

    /** The devices as they are set up, each once. */
    List<DeviceSetup> setups() {
        return configurations.stream().map(Configuration::deviceSetup).distinct().toList();
    }
}
