package org.charlstm.text;

import module java.base;
import org.charlstm.Fuzz;
import org.charlstm.TextMutation;
import org.charlstm.circle.Sampled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutated texts, read as captions and as running text, and encoded. */
@Sampled
class TextFuzzTest {
    private static final TextMutation TEXTS = new TextMutation(
            "\ufeffa cat sits\r\n\n  \na dog \"runs\" 12 times\ncaf\u00e9 \ud83d\ude00\u2028x\tnull\n"
                    .getBytes(StandardCharsets.UTF_8));

    @TempDir
    private Path folder;

    @Test
    void captions() throws IOException {
        Fuzz.run(folder.resolve("captions.txt"), TEXTS, file -> {
            Captions captions = CaptionFile.read(file, 100);
            Corpus.encode(captions);
        });
    }

    @Test
    void runningText() throws IOException {
        Fuzz.run(folder.resolve("text.txt"), TEXTS, file -> {
            Captions windows = RunningText.read(file).windows(9, 4, 100);
            Corpus.encode(windows, Vocabulary.ofRunning(windows));
        });
    }
}
