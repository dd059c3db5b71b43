package org.charlstm.cli.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import module java.base;
import org.charlstm.cli.Main;
import org.charlstm.cli.Refusal;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.io.ModelFile;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.StateFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train --resume}, {@code --keep}, and the best model. */
class ResumeCommandTest {
    @TempDir
    private Path folder;
    private Path text;
    private Path out;

    @BeforeEach
    void train() {
        text = Tiny.text(folder);
        out = folder.resolve("run");
        Tool.output(Tiny.training(text, out, "--epochs", 2, "--learning-rate", 0.01, "--validation-split", 0.2,
                "--seed", 3));
    }

    @Test
    void aResumedRunIsTheWholeRun() throws IOException {
        Path whole = folder.resolve("whole");
        Tool.output(Tiny.training(text, whole, "--epochs", 4, "--learning-rate", 0.01, "--validation-split", 0.2,
                "--seed", 3));
        Tool.output("train", "--resume", out, "--epochs", 4, "--threads", 2);
        for (String name : List.of(ModelFile.NAME, RunFolder.BEST)) {
            assertEquals(-1, Files.mismatch(whole.resolve(name), out.resolve(name)), name);
        }
        assertEquals(4, Files.readAllLines(out.resolve(RunFolder.METRICS)).size());
        assertTrue(Files.readString(out.resolve("report.html")).contains("in epoch 4, best.safetensors"));
    }

    /** A run that was begun when --rnn-engine was called --lstm keeps its engine. */
    @Test
    void anOptionKeepsItsValueUnderItsFormerName() throws IOException {
        Path state = out.resolve(StateFile.NAME);
        Path changed = Tiny.changed(state, folder.resolve("changed"), header -> {
            JsonObject metadata = header.getAsJsonObject("__metadata__");
            metadata.asMap().replaceAll((name, value) -> new JsonPrimitive(
                    value.getAsString().replace("\"rnn-engine\":\"auto\"", "\"lstm\":\"plain\"")));
        });
        Files.move(changed, state, StandardCopyOption.REPLACE_EXISTING);
        Tool tool = Tool.run("train", "--resume", out, "--epochs", 3, "--device", "cpu");
        assertEquals("charlstm: warning: --rnn-engine is for a GPU, without effect on cpu\n", tool.err());
        assertEquals(0, tool.code());
    }

    @Test
    void aRunThatIsDoneIsLeftAsItIs() throws IOException {
        Map<String, String> before = contents();
        Tool.output("train", "--resume", out);
        assertEquals(before, contents());
    }

    /** Of each file in the run's folder. */
    private Map<String, String> contents() throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(out)) {
            for (Path file : files.toList()) {
                contents.put(file.getFileName().toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return contents;
    }

    private List<String> earlierStates() throws IOException {
        return contents().keySet().stream().filter(name -> name.startsWith("state-")).toList();
    }

    @Test
    void aTextThatHasMovedIsNamedAnew() throws IOException {
        Path moved = Files.move(text, folder.resolve("moved.txt"));
        assertTrue(Refusal.of(Main.FAILED, folder, "train", "--resume", out, "--epochs", 3)
                .contains("the text of " + out + " was " + text + ", which is not there"));
        assertEquals(0, Tool.run("train", "--resume", out, "--epochs", 3, moved).code());
    }

    private JsonObject description() throws IOException {
        return JsonParser.parseString(Files.readString(out.resolve(RunFolder.RUN))).getAsJsonObject();
    }

    /** As if the run had come down to that rate by itself; what it has then, it keeps as it goes on. */
    @Test
    void aRunGoesOnAtAnotherRate() throws IOException {
        Path whole = folder.resolve("whole");
        Object[] rest = {"--learning-rate", 0.01, "--validation-split", 0.2, "--seed", 3, "--epochs", 5, "--schedule",
            "step", "--decay", 0.5, "--decay-every", 2};
        Tool.output(Tiny.training(text, whole, rest));
        Tool.output("train", "--resume", out, "--learning-rate", 0.005, "--epochs", 3);
        Tool.output("train", "--resume", out, "--epochs", 4);
        assertEquals("""
                [{"from_epoch":1,"after_rows":0,"learning_rate":"0.01","schedule":"Constant[]","warm_up":"0"},\
                {"from_epoch":3,"after_rows":0,"learning_rate":"0.005","schedule":"Constant[]","warm_up":"0"}]""",
                description().get("rates").toString());
        assertEquals("0.005", description().getAsJsonObject("options").get("learning-rate").getAsString());
        Tool.output("train", "--resume", out, "--learning-rate", 0.01, "--schedule", "step", "--decay", 0.5,
                "--decay-every", 2, "--epochs", 5);
        assertEquals(-1, Files.mismatch(whole.resolve(ModelFile.NAME), out.resolve(ModelFile.NAME)));
        assertEquals(3, description().getAsJsonArray("rates").size());
        // Another schedule does not take over what belongs to this one.
        Tool.output("train", "--resume", out, "--schedule", "cosine", "--epochs", 6);
        assertEquals("6", description().getAsJsonObject("options").get("decay-epochs").getAsString());
        assertTrue(description().getAsJsonObject("options").get("decay").isJsonNull());
        assertEquals(4, description().getAsJsonArray("rates").size());
    }

    @Test
    void aFolderIsOneProcesssAlone() throws IOException {
        Path lock = out.resolve(".lock");
        Files.writeString(lock, "4711");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
            channel.lock(Long.MAX_VALUE - 1, 1, false);
            for (Object[] line : List.of(new Object[] {"train", "--resume", out, "--epochs", 3},
                    Tiny.training(text, out, "--force"))) {
                assertTrue(Refusal.of(Main.FAILED, folder, line).contains(out
                        + " is being trained by process 4711"));
            }
        }
        // The process is gone, its file is not.
        Tool.output("train", "--resume", out, "--epochs", 3);
        assertFalse(Files.exists(lock));
    }

    @Test
    void theFolderOfARunIsTakenNotWhatALinkToItBecomes() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("latest"), out);
        String printed = Tool.output("train", "--resume", link, "--epochs", 3);
        assertTrue(printed.contains(" into " + out.toRealPath()), printed);
    }

    @Test
    void goingBackLeavesNothingOfWhatWasLater() throws IOException {
        Tool.output("train", "--resume", out, "--epochs", 6, "--keep", 10);
        Path best = out.resolve(RunFolder.BEST);
        byte[] later = Files.readAllBytes(best);
        Tool tool = Tool.run("train", "--resume", out.resolve("state-000003.safetensors"), "--epochs", 4, "--keep", 1);
        assertEquals(0, tool.code(), tool.err());
        assertTrue(tool.err().contains("is now trained again: best.safetensors is deleted"), tool.err());
        assertFalse(Arrays.equals(later, Files.readAllBytes(best)));
        assertEquals(List.of("state-000003.safetensors", "state-000004.safetensors"), earlierStates());
        assertEquals(4, StateFile.load(out).training().epoch());
        assertEquals(4, Files.readAllLines(out.resolve(RunFolder.METRICS)).size());
    }

    @Test
    void aValidationTextMayBeElsewhereButNotAnother() throws IOException {
        Path held = Tiny.text(folder, "held.txt", "a cat runs\nthe bus is red\n");
        Path run = folder.resolve("validated");
        Tool.output(Tiny.training(text, run, "--epochs", 1, "--validation", held));
        Path moved = Files.copy(held, folder.resolve("moved.txt"));
        Files.writeString(held, "a dog runs\nthe bus is red\n");
        assertTrue(Refusal.of(Main.FAILED, folder, "train", "--resume", run, "--epochs", 2)
                .contains("or was validated on another than " + held));
        Tool.output("train", "--resume", run, "--epochs", 2, "--validation", moved);
    }

    @Test
    void earlierStatesAreKeptAndCanBeGoneBackTo() throws IOException {
        Tool.output("train", "--resume", out, "--epochs", 6, "--keep", 2);
        assertEquals(List.of("state-000004.safetensors", "state-000005.safetensors", "state-000006.safetensors"),
                earlierStates());
        byte[] last = Files.readAllBytes(out.resolve(ModelFile.NAME));
        List<String> metrics = Files.readAllLines(out.resolve(RunFolder.METRICS));
        assertEquals(0, Tool.run("train", "--resume", out.resolve("state-000004.safetensors"), "--epochs", 5).code());
        assertEquals(metrics.subList(0, 4), Files.readAllLines(out.resolve(RunFolder.METRICS)).subList(0, 4));
        Tool.output("train", "--resume", out, "--epochs", 6);
        assertEquals(6, Files.readAllLines(out.resolve(RunFolder.METRICS)).size());
        assertArrayEquals(last, Files.readAllBytes(out.resolve(ModelFile.NAME)));
    }

    @Test
    void theBestModelIsTakenUnlessTheLastIsAskedFor() throws IOException {
        assertTrue(Tool.run("top", out).err().startsWith("charlstm: taking " + out.resolve(RunFolder.BEST)));
        Files.copy(Tiny.train(text, folder.resolve("other"), "--epochs", 0, "--seed", 9), out.resolve(ModelFile.NAME),
                StandardCopyOption.REPLACE_EXISTING);
        assertEquals(Tool.output("top", out.resolve(RunFolder.BEST)), Tool.run("top", out).out());
        assertEquals(Tool.output("top", out.resolve(ModelFile.NAME)), Tool.output("top", out, "--last"));
        assertFalse(Tool.output("top", out, "--last").equals(Tool.output("top", out, "--best")));
    }
}
