package org.charlstm.cli.options;

import java.nio.file.Path;
import org.charlstm.CharlstmException;
import org.charlstm.base.Quantity;
import org.charlstm.base.Setting;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.TrainOption.Resumed;
import org.charlstm.cli.options.TrainOption.Section;
import org.charlstm.io.format.FeatureFile;
import org.charlstm.nn.ModelConfig;
import org.charlstm.text.Corpus;
import org.charlstm.text.Features;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The features that sentences are conditioned on, one row per sentence. */
public final class ConditionOption {
    @Option(names = "--condition", paramLabel = "FILE", description = "A row of features for each caption, in "
            + "NumPy's .npy or safetensors, such as a network's of an image. A learned projection of it is the state "
            + "in which the recurrent layers begin.")
    @TrainOption(section = Section.TEXT, place = 10, resumed = Resumed.MOVED)
    private @Nullable Path file;

    public boolean isGiven() {
        return file != null;
    }

    public @Nullable Features read() {
        return file == null ? null : FeatureFile.read(file);
    }

    /** The features that a model takes; null for a model that takes none. Refuses features that do not fit. */
    public @Nullable Features read(ModelConfig config, Path model) {
        UsageException.when(file != null && config.features() == 0,
                "--condition is %s, but %s is about nothing; leave it out", file, model);
        UsageException.when(file == null && config.features() > 0,
                "%s takes %s for each caption; give them with --condition FILE", model,
                Quantity.of(config.features(), "features"));
        Features features = read();
        if (features != null && features.columns() != config.features()) {
            throw new CharlstmException(features.source() + " has " + Quantity.of(features.columns(), "features")
                    + " in a row, but " + model + " takes " + config.features()
                    + "; use those that it was made for").mendedBy(Setting.CONDITION);
        }
        return features;
    }

    /** The features in a single row; refuses several rows. */
    @Nullable
    public Features one(ModelConfig config, Path model) {
        Features features = read(config, model);
        if (features != null) {
            UsageException.when(features.rows() > 1,
                    "--condition is %s of %s, but one sentence is about one; give one row", file,
                    Quantity.of(features.rows(), "rows"));
        }
        return features;
    }

    public static Corpus with(Corpus corpus, @Nullable Features features) {
        return features == null ? corpus : corpus.with(features);
    }
}
