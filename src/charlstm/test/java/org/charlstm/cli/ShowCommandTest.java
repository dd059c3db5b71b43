package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.cli.model.ModelSummary;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.ModelFile;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.RunJson;
import org.charlstm.run.folder.StateFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code show} on models, on runs, and on files that are neither. */
class ShowCommandTest {
    @TempDir
    private static Path folder;
    private static Path text;
    private static Path held;
    private static Path run;

    @BeforeAll
    static void train() {
        text = Tiny.text(folder);
        held = Tiny.text(folder, "held.txt", "a cat runs\nthe bus is red\n");
        run = folder.resolve("run");
        Tool.output(Tiny.training(text, run, "--epochs", 3, "--validation", held));
    }

    private static void assertHas(String printed, String... lines) {
        for (String line : lines) {
            assertTrue(printed.contains(line), () -> line + " is not in\n" + printed);
        }
    }

    @Test
    void eachValueOfTheCellsOptionsOnce() {
        RecurrentActivation hard = RecurrentActivation.HARD_SIGMOID;
        ModelConfig mixed = ModelConfig.of(5, new RecurrentLayer(2, new RecurrentCell.Lstm(hard)),
                new RecurrentLayer(2, RecurrentCell.Gru.RESET_AFTER),
                new RecurrentLayer(2, new RecurrentCell.Gru(hard, false)));
        assertEquals(Map.of("recurrent activation", "hard_sigmoid, sigmoid", "reset after", "true, false"),
                ModelSummary.cells(mixed));
    }

    @Test
    void jsonHasTheRunsOwnDescription() throws IOException {
        JsonObject shown = Tool.json("show", run, "--best", "--json");
        JsonObject described = JsonParser.parseString(Files.readString(run.resolve(RunFolder.RUN))).getAsJsonObject();
        for (String name : List.of("started", "seed", "text", "device", "machine")) {
            assertEquals(described.get(name), shown.getAsJsonObject("run").get(name));
        }
    }

    /** Files have settings as words; those who read JSON expect numbers. */
    @Test
    void numbersAreNumbersAndNamesAreNot() {
        Path named = Tiny.text(folder, "2024", String.join("\n", Tiny.CAPTIONS) + "\n");
        Path numbers = Tiny.train(named, folder.resolve("numbers"), "--epochs", 1, "--alphabet", "123 abcdehinorstuwx",
                "--schedule", "cosine", "--min-rate", "1e-4", "--no-shuffle");
        JsonObject shown = Tool.json("show", numbers, "--json");
        for (JsonObject options : List.of(shown.getAsJsonObject("state").getAsJsonObject("options"),
                shown.getAsJsonObject("run").getAsJsonObject("options"))) {
            assertTrue(options.getAsJsonPrimitive("epochs").isNumber() && options.get("epochs").getAsInt() == 1);
            assertTrue(options.getAsJsonPrimitive("no-shuffle").isBoolean());
            assertTrue(options.getAsJsonPrimitive("text").isString());
            assertEquals("cosine", options.get("schedule").getAsString());
            assertTrue(options.get("clip-norm").isJsonNull());
        }
        JsonObject settings = shown.getAsJsonObject("state").getAsJsonObject("settings");
        assertEquals("8", settings.getAsJsonPrimitive("batch_size").toString());
        assertEquals("false", settings.getAsJsonPrimitive("shuffle").toString());
        assertEquals("\"Infinity\"", settings.getAsJsonPrimitive("clip_norm").toString());
        for (String name : List.of("text", "out", "validation_condition")) {
            assertEquals("{\"" + name + "\":\"7\"}", RunJson.typed(Map.of(name, "7")).toString());
        }
        for (String word : List.of("9:cut", "007", "1e9999", "0x1", "NaN", "128,64")) {
            assertEquals("{\"hidden\":\"" + word + "\"}", RunJson.typed(Map.of("hidden", word)).toString());
        }
        assertHas(Tool.output("show", numbers),
                "schedule cosine (epochs 1, minimum 1.0E-4), update rule rmsprop (decay "
                        + "0.9, epsilon 1.0E-7, weight decay 0.0)");
    }

    @Test
    void aStateSaysHowFarTheRunWas() throws IOException {
        Path within = Tiny.changed(run.resolve(StateFile.NAME), folder.resolve("within.safetensors"), header -> {
            JsonObject metadata = header.getAsJsonObject("__metadata__");
            metadata.addProperty("run", metadata.get("run").getAsString().replace("\"whole\":true", "\"whole\":false")
                    .replace("\"rows\":20", "\"rows\":16"));
        });
        String printed = Tool.output("show", within);
        assertHas(printed, "\nstate                 in epoch 3, after 16 of its rows\n");
        assertFalse(printed.contains("\nrun  "), printed);
        assertEquals("state", Tool.json("show", within, "--json").get("kind").getAsString());
        Path broken = Tiny.changed(within, folder.resolve("broken.safetensors"),
                header -> header.getAsJsonObject("__metadata__").addProperty("run", "{}"));
        Refusal.of(Main.FAILED, folder, "show", broken);
    }

    /** A file that was moved out of its run says what it says itself. */
    @Test
    void aFileAloneSaysLess() throws IOException {
        Path alone = Files.copy(run.resolve(ModelFile.NAME), folder.resolve("alone.safetensors"));
        String printed = Tool.output("show", alone);
        assertTrue(printed.endsWith("\ntrained with          batch size 8\n"), printed);
        assertEquals("8", Tool.json("show", alone, "--json").getAsJsonObject("layout").get("batch_size").getAsString());
        // A file that others put into the folder is not the run's.
        Path beside = Files.copy(alone, run.resolve("another.safetensors"));
        assertEquals(printed.replace(alone.toString(), beside.toString()), Tool.output("show", beside));
        Files.delete(beside);
        for (String loss : List.of("NaN", "[]", "{")) {
            Path odd = Tiny.changed(alone, folder.resolve("odd.safetensors"), header -> header
                    .getAsJsonObject("__metadata__").addProperty("best", "{\"epoch\":1,\"loss\":" + loss + "}"));
            for (Object[] line : List.of(new Object[] {"show", odd}, new Object[] {"show", odd, "--json"})) {
                assertHas(Refusal.of(Main.FAILED, folder, line), odd + " has a broken description of its best epoch");
            }
        }
        Path bare = Tiny.changed(alone, folder.resolve("bare.safetensors"), header -> header.remove("__metadata__"));
        assertHas(Tool.output("show", bare), "\nis                    the weights of a model, without its vocabulary\n",
                "(None, None, 8) ", "\nsymbols               20, which the file does not name\n");
        assertEquals("weights", Tool.json("show", bare, "--json").get("kind").getAsString());
    }

    @Test
    void whatLiesWithAModelMayBeDamaged() throws IOException {
        Path other = Files.createDirectory(folder.resolve("damaged"));
        Files.copy(run.resolve(ModelFile.NAME), other.resolve(ModelFile.NAME));
        Files.copy(run.resolve(RunFolder.RUN), other.resolve(RunFolder.RUN));
        assertHas(Tool.output("show", other), "\nrun                   " + other + ", begun ",
                "\ntrained with          epochs 3, batch size 8, optimizer rmsprop, learning rate 0.001, "
                        + "seed 1\n");
        Files.writeString(other.resolve(StateFile.NAME), "nothing");
        Files.writeString(other.resolve(RunFolder.RUN), "[1");
        assertHas(Tool.output("show", other), "\nstate beside it       " + other.resolve(StateFile.NAME)
                + " is not a safetensors file",
                "\n                      " + other.resolve(RunFolder.RUN) + " cannot be read: it is no JSON object");
        Files.writeString(other.resolve(RunFolder.RUN), "{\"started\": [], \"text\": 3, \"device\": {\"name\": null}}");
        assertHas(Tool.output("show", other), "\nrun                   " + other + "\n");
    }

    @Test
    void filesOfOtherPrograms() throws IOException {
        Path pytorch = folder.resolve("pytorch.safetensors");
        Tool.output("export", run, "--last", "-o", pytorch);
        Path other = Tiny.changed(pytorch, folder.resolve("other.safetensors"), header -> {
            header.entrySet().removeIf(entry -> entry.getKey().equals("lstm.weight_ih_l0"));
            JsonObject first = new JsonObject();
            first.addProperty("dtype", "I32");
            first.add("shape", JsonParser.parseString("[5, 128]"));
            first.add("data_offsets", JsonParser.parseString("[0, 2560]"));
            header.add("foreign\u001b[2J", first);
        });
        String printed = Tool.output("show", other);
        assertHas(printed, "is                    a safetensors file of another program",
                "\ntensor                foreign\uFFFD[2J I32 [5, 128]\n");
        JsonObject shown = Tool.json("show", other, "--json");
        assertEquals("safetensors", shown.get("kind").getAsString());
        assertEquals("pt", shown.getAsJsonObject("metadata").get("format").getAsString());
        assertFalse(shown.has("config"));
    }
}
