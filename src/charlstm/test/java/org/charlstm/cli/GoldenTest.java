package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.circle.Sampled;
import org.charlstm.device.TestDevices;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.machine.Needs;
import org.charlstm.machine.TestData;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Models that Keras 1 and 3 wrote, the whole way on each device, to the numbers of float64 on the same files. */
@Tag("long")
@Needs(data = {"keras", "sonnets.txt", "tinyshakespeare.txt"})
class GoldenTest {
    private static final double TOLERANCE = 1e-5;
    /** Characters of which the processor writes all. */
    private static final int WRITTEN = 120;
    private static final int SOME = 5;

    @TempDir
    private Path folder;

    static Stream<Arguments> modelsOnDevices() throws IOException {
        String golden = Files.readString(TestData.file("keras/golden.json"));
        return StreamSupport.stream(JsonParser.parseString(golden).getAsJsonArray().spliterator(), false)
                .map(JsonElement::getAsJsonObject).flatMap(expected -> Stream.concat(Stream.of("reference"),
                        TestDevices.all().map(TestDevices::device).distinct())
                        .map(device -> Arguments.of(device, expected.get("model").getAsString(), expected)));
    }

    /** The program that learned it knew no byte order mark: its text has three characters too few. */
    @Test
    void aModelThatKeptTheByteOrderMark() throws IOException {
        Path model = TestData.file("keras/k1.2.1_tf_charlstm_sonnets_model.hdf5");
        Path text = TestData.file("sonnets.txt");
        Path imported = folder.resolve("imported.safetensors");
        String refused = Refusal.of(Main.FAILED, folder, "import", model, "--text", text, "-o", imported);
        assertTrue(refused.endsWith("; it begins with a byte order mark, which is left out: it fits as ISO-8859-1, in "
                + "which the mark is three characters (--encoding)"), refused);
        Tool taken = Tool.run("import", model, "--text", text, "--encoding", "ISO-8859-1", "-o", imported);
        assertEquals(0, taken.code(), taken.err());
        JsonObject expected = JsonParser.parseString(Files.readString(TestData.file("keras/golden.json")))
                .getAsJsonArray().get(0).getAsJsonObject();
        assertEquals(expected.get("alphabet").getAsString(), ModelFile.load(imported).vocabulary().characters());
        Tool figures = Tool.run("eval", imported, text, "--encoding", "ISO-8859-1", "--json", "--last-step", "--stride",
                473, "--max-samples", 200);
        assertEquals(expected.get("cross_entropy_float64").getAsDouble(),
                JsonParser.parseString(figures.out()).getAsJsonObject().get("loss").getAsDouble(), TOLERANCE);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("modelsOnDevices")
    @Sampled(every = 3)
    void importedModelsPredictWhatTheyShould(String device, String model, JsonObject expected) throws IOException {
        boolean lowered = expected.get("post").getAsString().equals("lower()");
        String read = Files.readString(TestData.file(expected.get("text").getAsString()), StandardCharsets.ISO_8859_1);
        String learned = lowered ? read.toLowerCase(Locale.ROOT) : read;
        Path text = Tiny.text(folder, "learned.txt", learned);
        Path imported = folder.resolve("imported.safetensors");
        Tool.output("import", TestData.file("keras/" + model), "--text", text, "-o", imported);
        SavedModel saved = ModelFile.load(imported);
        int window = expected.get("T").getAsInt();
        assertEquals(expected.get("alphabet").getAsString(), saved.vocabulary().characters());
        assertEquals(window, saved.steps());

        String beginning = learned.substring(0, window);
        for (JsonElement next : JsonParser.parseString(Tool.output("top", imported, "--device", device, "--json", "-k",
                saved.config().symbols(), "--prefix", beginning)).getAsJsonArray()) {
            int id = saved.vocabulary().id(next.getAsJsonObject().get("char").getAsString().codePointAt(0));
            assertEquals(expected.getAsJsonArray("first_window_probs").get(id).getAsDouble(),
                    next.getAsJsonObject().get("probability").getAsDouble(), TOLERANCE);
        }

        // For example "start_k=k*473, k=0..199".
        String[] windows = expected.get("windows").getAsString().split("[*,.]+", 0);
        JsonObject figures = JsonParser.parseString(Tool.output("eval", imported, text, "--device", device, "--json",
                "--last-step", "--stride", windows[1], "--max-samples", 1 + Integer.parseInt(windows[3])))
                .getAsJsonObject();
        assertEquals(expected.get("cross_entropy_float64").getAsDouble(), figures.get("loss").getAsDouble(), TOLERANCE);
        assertEquals(expected.get("top1").getAsDouble(), figures.get("accuracy").getAsDouble(), TOLERANCE);

        int count = device.equals("cpu") ? WRITTEN : SOME;
        String written = Tool.output("sample", imported, "--device", device, "--count", 1, "--temperature", 0,
                "--window", window, "--prime", beginning, "--max-length", window + count);
        assertEquals(beginning + expected.get("greedy_120_from_start").getAsString().substring(0, count) + "\n",
                written);
    }
}
