package org.charlstm.cli.options;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.console.UsageException;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.keras.KerasFile;
import org.charlstm.run.folder.RunFolder;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The model that a command takes. In a run's folder this is the best model if the run had validation, else the last.
 */
public final class ModelArgument {
    @Parameters(index = "0", paramLabel = "MODEL", description = "A model file or a run's folder.")
    private Path path;

    @Option(names = "--best", description = "Of a run's folder, take the model of the best epoch, that of the lowest "
            + "validation loss by default. Default, where it was kept.")
    private boolean best;

    @Option(names = "--last", description = "Of a run's folder, take the model of the last step.")
    private boolean last;

    /** The model file or run's folder that was named. */
    public Path path() {
        return path;
    }

    /** The model's file. If a folder has two models, standard error says which one is taken. Refuses files of Keras. */
    public Path file(Console console) {
        Path file = chosen(console);
        requireOwn(file, console);
        return file;
    }

    private Path chosen(Console console) {
        UsageException.when(best && last, "--best and --last are both given; leave one out");
        if (!Files.isDirectory(path)) {
            if ((best || last) && !Files.exists(path)) {
                throw new CharlstmException(path + " does not exist; name a run's folder");
            }
            UsageException.when(best || last, "%s is for a run's folder, and %s is none; leave it out",
                    best ? "--best" : "--last", path);
            return path;
        }
        Path kept = path.resolve(RunFolder.BEST);
        if (best && !Files.exists(kept)) {
            throw new CharlstmException(kept + " does not exist: the run has not kept a best model; leave --best out");
        }
        if (last || !Files.exists(kept)) {
            return path.resolve(ModelFile.NAME);
        }
        if (!best) {
            console.say("charlstm: taking " + kept + ", of the best epoch; --last takes " + ModelFile.NAME);
        }
        return kept;
    }

    /** The model, with its vocabulary. */
    public SavedModel load(Console console) {
        Path file = file(console);
        SavedModel saved = ModelFile.loadTensors(file);
        if (saved.vocabulary() == null) {
            throw new CharlstmException(file + " holds bare tensors without a vocabulary; give it one by training: "
                    + console.command("train", "TEXT", "--epochs", 0, "--init", file));
        }
        return saved;
    }

    /**
     * The model in a file, or the last model in a run's folder; without a vocabulary if the file has only tensors.
     *
     * @param unsaid as in {@link ModelFile#loadTensors}
     */
    public static SavedModel loadTensors(Path path, Map<String, String> unsaid, Console console) {
        requireOwn(path, console);
        return ModelFile.loadTensors(path, unsaid);
    }

    /** Prints what was assumed about a model of bare tensors, unless an option said it. */
    public static void sayAssumed(SavedModel saved, Path path, Map<String, String> asked, Console console) {
        if (saved.vocabulary() == null && !asked.containsKey(RecurrentCell.ACTIVATION) && saved.config().cells()
                .stream().anyMatch(cell -> cell.options().containsKey(RecurrentCell.ACTIVATION))) {
            console.say("charlstm: " + path + " does not say whether its Elman layers have tanh or ReLU; "
                    + "tanh is taken; for ReLU begin from it by "
                    + console.command("train", "TEXT", "--init", path, "--cell", "rnn-relu"));
        }
    }

    private static void requireOwn(Path path, Console console) {
        boolean torchs = KerasFile.isTorchs(path);
        if (torchs || KerasFile.isOne(path)) {
            String name = path.getFileName().toString().replaceFirst("(\\.weights)?\\.[A-Za-z0-9]+$", "");
            Path imported = path.resolveSibling(name + "-imported.safetensors");
            throw new CharlstmException(
                    path + (torchs ? " is a file of torch.save" : " is a Keras file")
                            + "; import it with the text that it learned, or, if it is "
                            + "an export, take the model that was exported: "
                            + console.command("import", path, "--text", "TEXT", "-o", imported));
        }
    }
}
