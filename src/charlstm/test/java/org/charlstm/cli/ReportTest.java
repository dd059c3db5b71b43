package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.cli.process.Jvm;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.report.EventFile;
import org.charlstm.report.Report;
import org.charlstm.run.folder.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages that {@code train} keeps beside the model for people to look at, and {@code report}. */
@Tag("long")
@Tag("outside")
class ReportTest {
    @TempDir
    private Path folder;
    private Path text;
    private Path out;

    @BeforeEach
    void write() {
        text = Tiny.text(folder);
        out = folder.resolve("run");
    }

    private static List<JsonObject> lines(Path file) throws IOException {
        return Files.readAllLines(file).stream().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    }

    private static double number(JsonObject json, String name) {
        return json.get(name).getAsDouble();
    }

    private static List<String> words(JsonElement array) {
        return array.getAsJsonArray().asList().stream().map(JsonElement::getAsString).toList();
    }

    private Path onlyFile(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(out)) {
            List<Path> found = files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
            assertEquals(1, found.size(), found.toString());
            return found.getFirst();
        }
    }

    /** A text's last captions held back: the weights are those of the others alone, padded and encoded as all are. */
    @Test
    void aSplitHoldsBackTheLastCaptions() throws IOException {
        // The longest caption and every letter are among the first.
        Path first = Tiny.text(folder, "first.txt", String.join("\n", Tiny.CAPTIONS.subList(5, 20)));
        Path last = Tiny.text(folder, "last.txt", String.join("\n", Tiny.CAPTIONS.subList(0, 5)));
        Path all = Tiny.text(folder, "all.txt", Files.readString(first) + "\n" + Files.readString(last));
        Path byName = folder.resolve("named");
        Tool.output(Tiny.training(first, byName, "--epochs", 2, "--validation", last));
        Tool.output(Tiny.training(all, out, "--epochs", 2, "--validation-split", "0.25"));
        assertEquals(-1, Files.mismatch(out.resolve("model.safetensors"), byName.resolve("model.safetensors")));
        for (int i = 0; i < 2; i++) {
            assertEquals(lines(byName.resolve(RunFolder.METRICS)).get(i).get("val_loss"),
                    lines(out.resolve(RunFolder.METRICS)).get(i).get("val_loss"));
        }
        for (String share : List.of("0.99", "0.01")) {
            Refusal.of(Main.FAILED, folder, Tiny.training(text, folder.resolve("none"), "--validation-split", share));
        }
    }

    @Test
    @Needs(Need.FONTS)
    void nothingOfItChangesTheTrainedModel() throws IOException {
        byte[] plain = Files.readAllBytes(Tiny.train(text, folder.resolve("plain"), "--epochs", 3));
        byte[] followed = Files.readAllBytes(Tiny.train(text, out, "--epochs", 3, "--validation", text,
                "--sample-every", 1, "--sample-count", 2, "--tensorboard", "--png"));
        assertArrayEquals(plain, followed);
    }

    @Test
    void sentencesArePrintedAndKeptAsTrainingGoesOn() throws IOException {
        String printed = Tool.output(Tiny.training(text, out, "--epochs", 5, "--sample-every", 2, "--sample-count", 2,
                "--seed", 4));
        List<JsonObject> samples = lines(out.resolve(RunFolder.SAMPLES));
        assertEquals(List.of(2, 4, 5), samples.stream().map(sample -> sample.get("epoch").getAsInt()).toList());
        assertEquals(4, printed.lines().filter(line -> line.startsWith("    ")).count(), printed);
        String page = Files.readString(out.resolve(Report.NAME));
        assertTrue(page.contains("Epoch 2") && page.contains("Epoch 5"), page);
        assertEquals(Tool.output("sample", out, "--count", 2, "--seed", 4).lines().toList(),
                words(samples.getLast().get("sentences")));
    }

    /** Timing the operations would take longer than such a run. */
    @Test
    void aShortRunDoesNotMeasureWhereTheTimeOfAStepGoes() throws IOException {
        Tiny.train(text, out);
        JsonObject run = JsonParser.parseString(Files.readString(out.resolve(RunFolder.RUN))).getAsJsonObject();
        assertFalse(run.has("operations"));
        assertFalse(Files.readString(out.resolve(Report.NAME)).contains("Where the time of a step goes"));
    }

    /** Running text has no start symbol to sample from, and goes on from how it begins. */
    @Test
    void runningTextIsValidatedAndSampledToo() throws IOException {
        Tool.output(Tiny.training(text, out, "--epochs", 2, "--window", 10, "--validation", text));
        assertEquals(2, lines(out.resolve(RunFolder.METRICS)).stream().filter(line -> line.has("val_loss")).count());
        List<String> sentences = words(lines(out.resolve(RunFolder.SAMPLES)).getFirst().get("sentences"));
        assertEquals(3, sentences.size());
        sentences.forEach(sentence -> assertEquals(200, sentence.length(), sentence));
    }

    @Test
    @Needs(Need.PYTHON)
    void tensorBoardsFileSaysWhatTheFiguresSay() throws Exception {
        Tiny.train(text, out, "--epochs", 2, "--validation", text, "--sample-every", 1, "--tensorboard");
        Tiny.train(text, out, "--force", "--epochs", 3, "--validation", text, "--sample-every", 2, "--tensorboard");
        Path json = folder.resolve("events.json");
        Path log = folder.resolve("log");
        Process python = new ProcessBuilder("python3", "src/charlstm/test/python/events.py",
                onlyFile(EventFile.PREFIX).toString()).redirectOutput(json.toFile()).redirectError(log.toFile())
                .start();
        assertEquals(0, python.waitFor(), Files.readString(log));
        JsonArray events = JsonParser.parseString(Files.readString(json, StandardCharsets.UTF_8)).getAsJsonArray();
        assertEquals("brain.Event:2", events.get(0).getAsJsonObject().get("version").getAsString());
        int scalars = 0;
        int sentences = 0;
        for (JsonElement element : events.asList().subList(1, events.size())) {
            JsonObject event = element.getAsJsonObject();
            int epoch = event.get("step").getAsInt();
            JsonObject figures = lines(out.resolve(RunFolder.METRICS)).get(epoch - 1);
            for (JsonElement each : event.getAsJsonArray("values")) {
                JsonObject value = each.getAsJsonObject();
                String tag = value.get("tag").getAsString();
                if (tag.equals("samples")) {
                    assertEquals("text", value.get("plugin").getAsString());
                    JsonObject kept = lines(out.resolve(RunFolder.SAMPLES)).get(sentences++);
                    assertEquals(epoch, kept.get("epoch").getAsInt());
                    assertEquals(words(kept.get("sentences")), words(value.get("texts")));
                    continue;
                }
                scalars++;
                assertEquals((float) number(figures, tag), (float) number(value, "value"), tag);
            }
        }
        assertEquals(3 * 8, scalars);
        assertEquals(2, sentences);
    }

    @Test
    @Needs(Need.FONTS)
    void aReportIsMadeAgainFromTheFolderAlone() throws IOException {
        Tiny.train(text, out, "--epochs", 2);
        Path page = out.resolve(Report.NAME);
        String made = Files.readString(page);
        Files.delete(page);
        Files.delete(out.resolve("model.safetensors"));
        assertEquals(page + "\n", Tool.output("report", out));
        assertEquals(made, Files.readString(page));
        String printed = Tool.output("report", out, "--png");
        assertEquals(5, printed.lines().count(), printed);
        printed.lines().forEach(line -> assertTrue(Files.exists(Path.of(line)), line));
    }

    /** A figure that an epoch has not is an empty cell. */
    @Test
    void theFiguresOfEpochsAreLinesOfCsv() throws IOException {
        Tiny.train(text, out, "--epochs", 2);
        Path page = out.resolve(Report.NAME);
        Files.delete(page);
        Files.writeString(out.resolve(RunFolder.METRICS), """
                {"epoch":1,"loss":2.5,"seconds":0.25}
                {"epoch":2,"loss":0.0001,"val_loss":1.5,"seconds":3.0}
                """);
        assertEquals("epoch,loss,val_loss,seconds\n1,2.5,,0.25\n2,1.0E-4,1.5,3.0\n",
                Tool.output("report", out, "--csv"));
        assertFalse(Files.exists(page), "it wrote a page");
    }

    /** As in the image of bench/image.sh. */
    @Test
    void withoutTheDesktopModuleThereIsAPageButNoPictures() throws Exception {
        List<String> flags = List.of("-XX:TieredStopAtLevel=1", "--limit-modules",
                "java.base,java.logging,java.management,jdk.management");
        Object[] line = Tiny.training(text, out, "--epochs", 1, "--device", "reference", "--png");
        for (boolean pictures : new boolean[] {true, false}) {
            List<Object> arguments = Stream.of(line).filter(word -> pictures || !word.equals("--png")).toList();
            Tool tool = Jvm.run(folder, null, flags, System.getProperty("java.class.path"), arguments.toArray());
            assertEquals(pictures ? Main.FAILED : 0, tool.code(), tool.toString());
            assertTrue(pictures ? tool.err().lines().count() == 1 && tool.err().contains("java.desktop")
                    : tool.err().isEmpty(), tool.err());
            assertEquals(!pictures, Files.exists(out.resolve(Report.NAME)));
        }
    }

    @Test
    @Needs(Need.FONTS)
    void withForceNothingOfTheOldRunIsLeft() throws IOException {
        Tiny.train(text, out, "--epochs", 2, "--sample-every", 1, "--tensorboard", "--png");
        Tiny.train(text, out, "--epochs", 0, "--force");
        try (Stream<Path> files = Files.list(out)) {
            assertEquals(5, files.count());
        }
        assertFalse(Files.exists(out.resolve(RunFolder.SAMPLES)));
    }
}
