package org.charlstm.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.io.ModelFile;

/** Twenty short captions, and a model small enough to train on them in a moment. */
final class Tiny {
    static final List<String> CAPTIONS = Stream.of("a cat", "a dog", "two cats", "the sun", "a red bus")
            .flatMap(who -> Stream.of(" sits", " runs", " sleeps", " is here").map(does -> who + does)).toList();

    private static final List<String> OPTIONS = List.of("--hidden", "8", "--dense", "8", "--batch-size", "8",
            "--threads", "1");

    private Tiny() {
    }

    /** Writes a text. */
    static Path text(Path folder, String name, String content) {
        try {
            return Files.writeString(folder.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the captions. */
    static Path text(Path folder) {
        return text(folder, "captions.txt", String.join("\n", CAPTIONS) + "\n");
    }

    /** The command line of a small training; what follows it is added. */
    static Object[] training(Object text, Object out, Object... more) {
        return Stream.of(Stream.of("train", text, "--out", out), OPTIONS.stream(), Stream.of(more))
                .flatMap(part -> part).toArray();
    }

    /** Trains for one epoch and returns the model file. */
    static Path train(Path text, Path out, Object... more) {
        Tool.output(Stream.concat(Stream.of(training(text, out)), Stream.of(more.length == 0
                ? new Object[] {"--epochs", 1} : more)).toArray());
        return out.resolve(ModelFile.NAME);
    }
}
