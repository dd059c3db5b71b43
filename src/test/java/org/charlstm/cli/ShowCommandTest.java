package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.charlstm.io.ModelFile;
import org.charlstm.run.RunFolder;
import org.charlstm.run.StateFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code show} says of models, of runs, and of files that are neither. */
class ShowCommandTest {
    private static final String OF_A_RUN = "trained with          batch size 8, learning rate 0.001, update rule "
            + "RmsProp[decay=0.9, epsilon=1.0E-7, weightDecay=0.0], seed 1, shuffle true\n";

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

    private static JsonObject json(Object... line) {
        return JsonParser.parseString(Tool.output(line)).getAsJsonObject();
    }

    private static void assertHas(String printed, String... lines) {
        for (String line : lines) {
            assertTrue(printed.contains(line), () -> line + " is not in\n" + printed);
        }
    }

    /** Another file with a header that is changed. */
    private static Path changed(Path file, Path to, Consumer<JsonObject> change) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        int length = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
        JsonObject header = JsonParser.parseString(new String(whole, 8, length, StandardCharsets.UTF_8))
                .getAsJsonObject();
        change.accept(header);
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        int data = whole.length - 8 - length;
        return Files.write(to, ByteBuffer.allocate(8 + json.length + data).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length).put(json).put(whole, 8 + length, data).array());
    }

    @Test
    void aRunIsItsBestModelItsSettingsAndItsOrigin() throws IOException {
        Tool tool = Tool.run("show", run);
        assertEquals(0, tool.code(), tool.err());
        assertTrue(tool.err().startsWith("charlstm: taking " + run.resolve(RunFolder.BEST)), tool.err());
        String printed = Tool.output("show", run, "--best");
        assertEquals(tool.out(), printed);
        assertTrue(
                printed.startsWith("file                  " + run.resolve(RunFolder.BEST) + "\nis                    "
                        + "the model of the lowest validation loss, "),
                printed);
        JsonObject described = JsonParser.parseString(Files.readString(run.resolve(RunFolder.RUN))).getAsJsonObject();
        assertHas(printed, "\nlstm_1 (LSTM)                       (None, 18, 8)                  928\n",
                "\nTotal parameters: 1,180\n", "\nrecurrent activation  sigmoid\n",
                "\nsymbols               18 characters, then start and end; lower case only\n"
                        + "                      'a' ' ' 'c' 't' 's' 'i' 'r' 'u' 'n' 'l' 'e' 'p' 'h' 'd'",
                "\nstate beside it       after epoch 3\n", OF_A_RUN, "\nepochs asked for      3\n",
                "\nrun                   " + run + ", begun " + described.get("started").getAsString() + "\n",
                "\ntext                  " + text + ", 20 captions, 261 characters\n",
                "\nvalidation            " + held + ", 2 captions\n", "\ndevice                cpu (1 thread, ",
                ", charlstm development\n");
        assertTrue(printed.matches("(?s).*\nlowest validation loss \\d\\.\\d{4} after epoch \\d\n.*"), printed);
        assertHas(Tool.output("show", run, "--last"), run.resolve(ModelFile.NAME) + "\nis                    a model\n",
                OF_A_RUN);
        assertHas(Refusal.of(Main.USAGE, folder, "show", run, "--best", "--last"), "leave one out");
    }

    @Test
    void scriptsGetAllOfIt() throws IOException {
        JsonObject shown = json("show", run, "--best", "--json");
        assertEquals(
                Set.of("file", "kind", "config", "vocabulary", "best_of", "layout", "state", "run", "tensors",
                        "metadata"),
                shown.keySet());
        assertEquals("model", shown.get("kind").getAsString());
        assertEquals(1180, shown.getAsJsonObject("config").get("parameters").getAsLong());
        assertEquals(18, shown.getAsJsonObject("config").get("steps").getAsInt());
        assertEquals(ModelFile.load(run).vocabulary().characters(),
                shown.getAsJsonObject("vocabulary").get("characters").getAsString());
        assertTrue(shown.getAsJsonObject("vocabulary").get("start_and_end").getAsBoolean());
        JsonObject state = shown.getAsJsonObject("state");
        assertEquals(3, state.get("epoch").getAsInt());
        assertTrue(state.get("whole").getAsBoolean());
        assertEquals(held.toString(), state.getAsJsonObject("options").get("validation").getAsString());
        assertEquals(shown.get("best_of"), state.get("best"));
        JsonObject described = JsonParser.parseString(Files.readString(run.resolve(RunFolder.RUN))).getAsJsonObject();
        for (String name : List.of("started", "seed", "text", "device", "machine")) {
            assertEquals(described.get(name), shown.getAsJsonObject("run").get(name));
        }
        assertEquals(JsonParser.parseString("{\"name\":\"lstm_1.kernel\",\"dtype\":\"F32\",\"shape\":[20,32]}"),
                shown.getAsJsonArray("tensors").get(0));
    }

    @Test
    void aStateSaysHowFarTheRunWas() throws IOException {
        assertHas(Tool.output("show", run.resolve(StateFile.NAME)),
                "\nis                    the state of a run, with its model\n",
                "\nstate                 after epoch 3\n", OF_A_RUN, "\nrun                   " + run);
        Path within = changed(run.resolve(StateFile.NAME), folder.resolve("within.safetensors"), header -> {
            JsonObject metadata = header.getAsJsonObject("__metadata__");
            metadata.addProperty("run", metadata.get("run").getAsString().replace("\"whole\":true", "\"whole\":false")
                    .replace("\"rows\":20", "\"rows\":16"));
        });
        String printed = Tool.output("show", within);
        assertHas(printed, "\nstate                 in epoch 3, after 16 of its rows\n");
        assertFalse(printed.contains("\nrun  "), printed);
        assertEquals("state", json("show", within, "--json").get("kind").getAsString());
        Path broken = changed(within, folder.resolve("broken.safetensors"),
                header -> header.getAsJsonObject("__metadata__").addProperty("run", "{}"));
        assertHas(Refusal.of(Main.FAILED, folder, "show", broken), "broken description of its run");
    }

    /** A file that was moved out of its run says what it says itself. */
    @Test
    void aFileAloneSaysLess() throws IOException {
        Path alone = Files.copy(run.resolve(ModelFile.NAME), folder.resolve("alone.safetensors"));
        String printed = Tool.output("show", alone);
        assertTrue(printed.endsWith("'b'\ntrained with          batch size 8\n"), printed);
        assertEquals("8", json("show", alone, "--json").getAsJsonObject("layout").get("batch_size").getAsString());
        // What others put into the folder is not the run's.
        Path beside = Files.copy(alone, run.resolve("another.safetensors"));
        assertEquals(printed.replace(alone.toString(), beside.toString()), Tool.output("show", beside));
        Files.delete(beside);
        for (String loss : List.of("NaN", "[]", "{")) {
            Path odd = changed(alone, folder.resolve("odd.safetensors"), header -> header
                    .getAsJsonObject("__metadata__").addProperty("best", "{\"epoch\":1,\"loss\":" + loss + "}"));
            assertHas(Tool.output("show", odd), "\nis                    a model\n");
            assertFalse(json("show", odd, "--json").has("best_of"));
        }
        Path bare = changed(alone, folder.resolve("bare.safetensors"), header -> header.remove("__metadata__"));
        assertHas(Tool.output("show", bare), "\nis                    the weights of a model, without its vocabulary\n",
                "(None, None, 8) ", "\nsymbols               20, which the file does not name\n");
        assertEquals("weights", json("show", bare, "--json").get("kind").getAsString());
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
        assertHas(Tool.output("show", pytorch), "is                    weights under PyTorch's names",
                "\ntensor                lstm.weight_ih_l0 F32 [32, 20]\n", "\nmetadata              format: pt\n");
        Path other = changed(pytorch, folder.resolve("other.safetensors"), header -> {
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
        JsonObject shown = json("show", other, "--json");
        assertEquals("safetensors", shown.get("kind").getAsString());
        assertEquals("pt", shown.getAsJsonObject("metadata").get("format").getAsString());
        assertFalse(shown.has("config"));
        assertHas(Refusal.of(Main.FAILED, folder, "top", other), "only F64, F32, F16 and BF16 are read");
    }

    @Test
    void whatKerasWroteIsToBeImported() throws IOException {
        Path keras = folder.resolve("keras.h5");
        Tool.output("export", run, "--last", "-o", keras);
        assertHas(Refusal.of(Main.FAILED, folder, "show", keras), keras + " is a Keras file; import it",
                "charlstm import");
        Path imported = folder.resolve("imported.safetensors");
        Tool.output("import", keras, "--alphabet", ModelFile.load(run).vocabulary().characters(), "-o", imported);
        assertHas(Tool.output("show", imported), "\nimported from         Keras 2.");
        assertTrue(json("show", imported, "--json").getAsJsonObject("metadata").get("imported_from").getAsString()
                .startsWith("Keras 2."));
        assertHas(Refusal.of(Main.FAILED, folder, "show", text), text + " is not a safetensors file");
        assertHas(Refusal.of(Main.FAILED, folder, "show", folder.resolve("none")), "does not exist");
    }
}
