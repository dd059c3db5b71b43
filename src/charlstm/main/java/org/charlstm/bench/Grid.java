package org.charlstm.bench;

import com.google.gson.annotations.SerializedName;
import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.base.UntrustedJson;
import org.charlstm.cuda.Binding;
import org.charlstm.device.GpuOptions;
import org.charlstm.train.TrainingOptions;
import org.jspecify.annotations.Nullable;

/** Configurations to measure on one text; a null part stands for the whole grid. */
public record Grid(TextSource text, Protocol protocol, List<Configuration> configurations, @Nullable Part part) {
    /**
     * How each configuration is measured. Each repeat is a process, whose epochs count after the warm-up epochs. A null
     * rate is each configuration's usual rate; a null norm clips nothing. Earlier files call the engine lstm.
     */
    public record Protocol(int epochs, int repeats, int warmUp,
            @SerializedName(value = "rnn_engine", alternate = "lstm") String rnnEngine, String rnnAlgorithm,
            boolean graphs, String cudaBinding, @Nullable Double learningRate, @Nullable Double clipNorm) {
        /** A protocol with the options of a GPU, at the usual rates. */
        public Protocol(int epochs, int repeats, int warmUp, GpuOptions gpu) {
            this(epochs, repeats, warmUp, gpu.rnnEngine().toString(), gpu.algorithm().toString(), gpu.graphs(),
                    gpu.binding().toString(), null, null);
        }

        public Protocol updating(@Nullable Double rate, @Nullable Double norm) {
            return new Protocol(epochs, repeats, warmUp, rnnEngine, rnnAlgorithm, graphs, cudaBinding, rate, norm);
        }

        public TrainingOptions training(Configuration configuration) {
            TrainingOptions usual = configuration.setup().training();
            TrainingOptions rated = learningRate == null ? usual : usual.rule(learningRate, usual.rule());
            return clipNorm == null ? rated : rated.clip(clipNorm, Double.POSITIVE_INFINITY);
        }

        GpuOptions gpu() {
            return new GpuOptions(GpuOptions.named(GpuOptions.Engine.class, rnnEngine),
                    GpuOptions.named(GpuOptions.Algorithm.class, rnnAlgorithm), graphs, true,
                    GpuOptions.named(Binding.class, cudaBinding));
        }
    }

    public Grid {
        configurations = List.copyOf(configurations);
        Refuse.argumentIf(configurations.isEmpty(), "a grid of no configuration");
    }

    /** One measurement: the configuration's index in the grid, and the repeat, from 0. */
    record Run(int configuration, int repeat) {
    }

    /** All measurements. Every other repeat runs in reverse order, so drift affects all configurations alike. */
    List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        for (int repeat = 0; repeat < protocol.repeats(); repeat++) {
            for (int i = 0; i < configurations.size(); i++) {
                runs.add(new Run(repeat % 2 == 0 ? i : configurations.size() - 1 - i, repeat));
            }
        }
        return runs;
    }

    List<DeviceSetup> setups() {
        return configurations.stream().map(Configuration::deviceSetup).distinct().toList();
    }

    /** A part, from 1, of a grid that {@code of} machines share. Neighbours in the grid are in different parts. */
    public record Part(int number, int of, List<Configuration> grid) {
        /** The configurations whose index in the grid is {@code number - 1} modulo {@code of}. */
        public List<Configuration> configurations() {
            return IntStream.range(0, grid.size()).filter(i -> partOf(i, of) == number).mapToObj(grid::get).toList();
        }

        static int partOf(int index, int of) {
            return index % of + 1;
        }

        /** The form that the option {@code --part} takes, for example {@code 2/4}. */
        public String title() {
            return title(number, of);
        }

        static String title(int number, int of) {
            return number + "/" + of;
        }

        /** Refuses a file's part that is incomplete or has other configurations. */
        void require(List<Configuration> configurations) {
            UntrustedJson.require(number >= 1 && number <= of, "part is " + title());
            FileChecks.whole("part.grid", grid).forEach(Configuration::require);
            UntrustedJson.require(configurations().equals(configurations),
                    "its configurations are not those of part " + title());
        }
    }
}
