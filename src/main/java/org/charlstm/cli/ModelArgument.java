package org.charlstm.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.charlstm.CharlstmException;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.run.RunFolder;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The model that a command takes; of a run's folder the best one, where the run had validation, or the last. */
final class ModelArgument {
    @Parameters(index = "0", paramLabel = "MODEL", description = "A model file or a run's folder.")
    private Path model;

    @Option(names = "--best", description = "Of a run's folder, take the model of the best epoch, that of the lowest "
            + "validation loss by default. Default, where it was kept.")
    private boolean best;

    @Option(names = "--last", description = "Of a run's folder, take the model of the last step.")
    private boolean last;

    Path path() {
        return model;
    }

    /** The file; where a folder has two, standard error says which. */
    Path file(Console console) {
        if (best && last) {
            throw new UsageException("--best and --last are both given; leave one out");
        }
        if (!Files.isDirectory(model)) {
            if (best || last) {
                throw new UsageException((best ? "--best" : "--last") + " is for a run's folder, and " + model
                        + " is none; leave it out");
            }
            return model;
        }
        Path kept = model.resolve(RunFolder.BEST);
        if (best && !Files.exists(kept)) {
            throw new CharlstmException(kept + " does not exist: the run has not kept a best model; leave --best out");
        }
        if (last || !Files.exists(kept)) {
            return model.resolve(ModelFile.NAME);
        }
        if (!best) {
            console.say("charlstm: taking " + kept + ", of the best epoch; --last takes "
                    + ModelFile.NAME);
        }
        return kept;
    }

    /** The model, with its vocabulary. */
    SavedModel load(Console console) {
        Path file = file(console);
        SavedModel saved = OwnModel.load(console, file);
        if (saved.vocabulary() == null) {
            throw new CharlstmException(file + " holds bare tensors without a vocabulary; give it one by training: "
                    + console.command("train", "TEXT", "--epochs", 0, "--init", file));
        }
        return saved;
    }
}
