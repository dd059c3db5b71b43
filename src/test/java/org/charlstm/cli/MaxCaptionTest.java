package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.charlstm.io.ModelFile;
import org.charlstm.run.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Captions that are longer than the others, and {@code --max-caption}. */
class MaxCaptionTest {
    private static final int LIMIT = 12;

    @TempDir
    private Path folder;
    private Path text;

    @BeforeEach
    void write() {
        text = Tiny.text(folder);
    }

    private static String captions(Function<String, String> change) {
        return Tiny.CAPTIONS.stream().map(change).filter(caption -> !caption.isEmpty())
                .collect(Collectors.joining("\n")) + "\n";
    }

    /** A file as the limit makes it of the captions, left out or cut. */
    private Path limited(boolean cut) {
        return Tiny.text(folder, "limited.txt", captions(caption -> caption.length() <= LIMIT ? caption
                : cut ? caption.substring(0, LIMIT) : ""));
    }

    @Test
    void trainingIsAsOnAFileWithoutThemOrOfThemCut() throws IOException {
        for (boolean cut : new boolean[] {false, true}) {
            String limit = LIMIT + (cut ? ":cut" : "");
            Path out = folder.resolve("limited" + cut);
            String printed = Tool.output(Tiny.training(text, out, "--epochs", 1, "--validation", text,
                    "--max-caption", limit));
            String what = " (12 captions of more than 12 characters " + (cut ? "cut)" : "left out)");
            assertTrue(printed.lines().findFirst().orElseThrow().endsWith(what), printed);
            assertTrue(printed.contains(" for validation" + what), printed);
            Path same = folder.resolve("same" + cut);
            Tool.output(Tiny.training(limited(cut), same, "--epochs", 1, "--validation", limited(cut)));
            assertArrayEquals(Files.readAllBytes(same.resolve(ModelFile.NAME)),
                    Files.readAllBytes(out.resolve(ModelFile.NAME)));
            assertEquals(losses(same), losses(out));
            JsonObject described = JsonParser.parseString(Files.readString(out.resolve(RunFolder.RUN)))
                    .getAsJsonObject();
            assertEquals(12, described.getAsJsonObject("text").get(cut ? "cut" : "left_out").getAsInt());
            assertEquals(limit, described.getAsJsonObject("options").get("max-caption").getAsString());
        }
    }

    private static String losses(Path run) throws IOException {
        JsonObject line = JsonParser.parseString(Files.readString(run.resolve(RunFolder.METRICS))).getAsJsonObject();
        return line.get("loss") + " " + line.get("val_loss");
    }

    @Test
    void aResumedRunHasItsOwn() throws IOException {
        Path straight = folder.resolve("straight");
        Path stopped = folder.resolve("stopped");
        Tool.output(Tiny.training(text, straight, "--epochs", 2, "--max-caption", "12:cut"));
        Tool.output(Tiny.training(text, stopped, "--epochs", 1, "--max-caption", "12:cut"));
        String message = Refusal.of(Main.USAGE, folder, "train", "--resume", stopped, "--max-caption", 12);
        assertTrue(message.contains("--max-caption is 12, but ") && message.contains("with 12:cut"), message);
        Tool.output("train", "--resume", stopped, "--epochs", 2);
        assertArrayEquals(Files.readAllBytes(straight.resolve(ModelFile.NAME)),
                Files.readAllBytes(stopped.resolve(ModelFile.NAME)));
    }

    @Test
    void otherCommandsTakeIt() {
        Path run = folder.resolve("run");
        Tiny.train(text, run, "--epochs", 0);
        String left = "(12 captions of more than 12 characters left out)";
        assertTrue(Tool.output("eval", run, text, "--max-caption", LIMIT).contains(left));
        assertTrue(Tool.output("encode", text, "--max-caption", LIMIT).contains("(8, 13, "));
        assertEquals(Tool.output("verify", run, limited(false), "--caption", 5),
                Tool.output("verify", run, text, "--caption", 5, "--max-caption", LIMIT));
        assertTrue(Refusal.of(Main.FAILED, folder, "encode", text, "--max-caption", 1).contains("--max-caption"));
        String built = Tool.output(Tiny.training("--max-caption=40", folder.resolve("built"), "--epochs", 0,
                "--max-samples", 200));
        assertTrue(built.matches("(?s)[0-9]+ captions from the generated captions, .* left out\\)\ninputs \\([0-9]+, "
                + "(3[0-9]|4[01]), .*"), built);
    }

    @Test
    void runningTextHasNone() {
        Path run = folder.resolve("run");
        Tiny.train(text, run, "--epochs", 0, "--window", 5);
        for (Object[] line : new Object[][] {{"eval", run, text}, {"verify", run, text},
            {"train", text, "--window", 5}}) {
            Object[] limited = Stream.concat(Stream.of(line),
                    Stream.of("--max-caption", 9)).toArray();
            assertTrue(Refusal.of(Main.USAGE, folder, limited).contains("--max-caption is 9, but running text"));
        }
    }

    @Test
    void oneThatIsFarLongerThanTheMedianIsPointedOut() {
        String captions = captions(caption -> caption);
        Path few = Tiny.text(folder, "few.txt", captions + "a cat ".repeat(20) + "\n");
        String printed = Tool.output(Tiny.training(few, folder.resolve("few"), "--epochs", 0));
        assertTrue(printed.contains("\nthe longest caption has 120 characters, the median 13: 84% of all steps are "
                + "padding; --max-caption N leaves out captions of more than N\n"), printed);
        Path many = Tiny.text(folder, "many.txt", captions.repeat(10) + "a cat ".repeat(20) + "\n");
        printed = Tool.output(Tiny.training(many, folder.resolve("many"), "--epochs", 0));
        assertTrue(printed.contains("; --max-caption 17 would leave out 1 of them\n"), printed);
        printed = Tool.output(Tiny.training(text, folder.resolve("none"), "--epochs", 0));
        assertFalse(printed.contains("padding"), printed);
    }
}
