package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.charlstm.machine.Needs;
import org.charlstm.machine.TestData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lab's own figures, on its own captions. */
@Needs(data = "captions_10k.txt")
class LabTest {
    private static final String CAPTIONS = "captions_10k.txt";

    @TempDir
    private Path folder;

    @Test
    void encodePrintsACaptionAndTheShapes() throws IOException {
        Path text = TestData.file(CAPTIONS);
        String caption = Files.readAllLines(text).get(25);
        String printed = Tool.output("encode", text, "--caption", 25);
        assertTrue(printed.contains("inputs and targets (10000, 173, 38)"), printed);
        assertTrue(printed.contains("input   \u22A2" + caption + "\u22A3"), printed);
        assertTrue(printed.contains("target  " + caption + "\u22A3"), printed);
    }

    @Test
    void trainPrintsShapesAndLayers() {
        String printed = Tool.output("train", TestData.file(CAPTIONS), "--epochs", 0, "--out", folder.resolve("run"));
        assertTrue(printed.contains("inputs (10000, 173, 38), targets (10000, 173, 38)"), printed);
        assertTrue(printed.contains("Total parameters: 106,918\n"), printed);
        List<String> layers = printed.lines().filter(Pattern.compile("^(lstm|dense)_\\d ").asPredicate())
                .map(line -> line.replaceAll(" {2,}", "  ")).toList();
        assertEquals(List.of("lstm_1 (LSTM)  (None, 173, 128)  85,504",
                "dense_1 (TimeDistributed Dense)  (None, 173, 128)  16,512",
                "dense_1 (ReLU)  (None, 173, 128)  0",
                "dense_2 (TimeDistributed Dense)  (None, 173, 38)  4,902",
                "dense_2 (softmax)  (None, 173, 38)  0"), layers);
    }
}
