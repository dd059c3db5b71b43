package org.charlstm.cli;

import java.nio.file.Path;
import org.charlstm.CharlstmException;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.keras.KerasFile;

/** Reads models of charlstm's, and says what to do with one of Keras'. */
final class OwnModel {
    private OwnModel() {
    }

    /** The model of a file, or the last one of a run's folder; without a vocabulary where there are only tensors. */
    static SavedModel load(Console console, Path path) {
        require(console, path);
        return ModelFile.loadTensors(path);
    }

    /** Refuses a file of Keras'. */
    static void require(Console console, Path path) {
        if (KerasFile.isOne(path)) {
            throw new CharlstmException(
                    path + " is a Keras file; import it with the text that it learned, or, if it is "
                            + "an export, take the model that was exported: "
                            + console.command("import", path, "--text", "TEXT", "-o", imported(path)));
        }
    }

    /** A name beside a file's: none that an export may have. */
    private static Path imported(Path file) {
        String name = file.getFileName().toString().replaceFirst("(\\.weights)?\\.[A-Za-z0-9]+$", "");
        return file.resolveSibling(name + "-imported.safetensors");
    }
}
