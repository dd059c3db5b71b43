package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.machine.Bash;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.TestData;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code charlstm import} and {@code charlstm export}, and what they refuse. */
@Tag("outside")
class ImportExportTest {
    @TempDir
    private static Path folder;
    private static Path text;
    private static Path model;
    private static Path exported;
    private static String alphabet;

    @BeforeAll
    static void trainAndExport() {
        text = Tiny.text(folder);
        model = Tiny.train(text, folder.resolve("run"));
        alphabet = ModelFile.load(model).vocabulary().characters();
        exported = folder.resolve("exported.h5");
        Tool.output("export", model, "-o", exported);
    }

    private static String usage(Object... arguments) {
        return Refusal.of(Main.USAGE, folder, arguments);
    }

    private static String failure(Object... arguments) {
        return Refusal.of(Main.FAILED, folder, arguments);
    }

    /** The file that the model would be if it had been trained here. */
    private static byte[] withoutOrigin(Path imported) throws IOException {
        Path plain = folder.resolve("plain.safetensors");
        SavedModel read = ModelFile.load(imported);
        ModelFile.save(plain, new SavedModel(read.config(), read.steps(), read.vocabulary(), read.weights(),
                ModelFile.load(model).layout()));
        return Files.readAllBytes(plain);
    }

    /** Start and end included, and to the last byte of the file. */
    @Test
    void whatWasExportedIsImportedBitByBit() throws IOException {
        Path back = folder.resolve("back.safetensors");
        String output = Tool.output("import", exported, "--alphabet", alphabet, "-o", back);
        assertArrayEquals(Files.readAllBytes(model), withoutOrigin(back));
        assertTrue(output.contains("then start and end"), output);
        assertFalse(output.contains("assumed"), output);
        Tool.output("import", exported, "--text", text, "--order", "appearance", "-o", back);
        assertArrayEquals(Files.readAllBytes(model), withoutOrigin(back));
        Path archive = folder.resolve("exported.keras");
        Tool.output("export", model, "-o", archive);
        output = Tool.output("import", archive, "--alphabet", alphabet, "-o", back);
        assertArrayEquals(Files.readAllBytes(model), withoutOrigin(back));
        assertTrue(output.contains("Keras 3") && !output.contains("assumed"), output);
    }

    @Test
    void weightsAloneSayLessAndWhatIsAssumedIsPrinted() throws IOException {
        Path weights = folder.resolve("alone.weights.h5");
        Path back = folder.resolve("alone.safetensors");
        Tool.output("export", model, "-o", weights);
        int steps = ModelFile.load(model).steps();
        String output = Tool.output("import", weights, "--alphabet", alphabet, "--steps", steps, "-o", back);
        assertArrayEquals(Files.readAllBytes(model), withoutOrigin(back));
        assertEquals(3, output.lines().filter(line -> line.startsWith("assumed: ")).count(), output);
        output = Tool.output("import", weights, "--alphabet", alphabet, "-o", back);
        assertTrue(output.contains("assumed: 100 time steps"), output);
        assertTrue(failure("import", weights, "--alphabet", alphabet, "--recurrent-activation", "hard_sigmoid", "-o",
                back).contains("has the recurrent activation sigmoid, not hard_sigmoid"));
    }

    @Test
    void aTiedModelOfEveryKindOfLayer() {
        Path tied = Tiny.train(text, folder.resolve("tied"), "--epochs", 1, "--device", "reference", "--embedding", 8,
                "--dropout", 0.25, "--batch-norm", "--tie-weights");
        Path whole = folder.resolve("tied.h5");
        Path back = folder.resolve("tied-back.safetensors");
        for (Path file : List.of(whole, folder.resolve("tied.weights.h5"), folder.resolve("tied.safetensors"))) {
            Tool.output("export", tied, "-o", file);
        }
        String output = Tool.output("import", whole, "--alphabet", alphabet, "-o", back);
        assertEquals(ModelFile.load(tied).weights().tensors(), ModelFile.load(back).weights().tensors());
        assertTrue(output.contains("dropout_1 (Dropout 0.25)") && !output.contains("assumed"), output);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gru", "rnn", "rnn-relu"})
    void everyCellComesBack(String cell) {
        Path trained = Tiny.train(text, folder.resolve(cell), "--epochs", 1, "--device", "reference", "--cell", cell);
        Path back = folder.resolve("cell.safetensors");
        for (String name : List.of("cell.h5", "cell.keras", "cell-pytorch.safetensors")) {
            Path file = folder.resolve(name);
            Tool.output("export", trained, "-o", file);
            String output = Tool.output("import", file, "--alphabet", alphabet, "-o", back);
            assertEquals(ModelFile.load(trained).weights(), ModelFile.load(back).weights());
            assertEquals(!name.contains("pytorch"), !output.contains("assumed"), output);
        }
        assertEquals("pytorch", Tool.json("show", folder.resolve("cell-pytorch.safetensors"), "--json").get("kind")
                .getAsString());
    }

    @Test
    void anOldFileIsReplacedOnlyByAWholeOne() throws IOException {
        for (String name : List.of("old.h5", "old.keras", "old.weights.h5", "old.safetensors")) {
            Path old = Files.writeString(folder.resolve(name), "old");
            Tool.output("export", model, "-o", old);
            assertTrue(Files.size(old) > 1000);
        }
        Path old = Files.writeString(folder.resolve("model.safetensors"), "old");
        usage("import", exported, "--alphabet", "abc", "-o", old);
        assertEquals("old", Files.readString(old));
        Tool.output("import", exported, "--alphabet", alphabet, "-o", old);
        assertEquals(ModelFile.load(model).weights(), ModelFile.load(old).weights());
        failure("export", model, "-o", Files.createDirectories(folder.resolve("folder.h5")));
    }

    /** With as many characters as symbols there are no start and end symbols. */
    @Test
    void theAlphabetsLengthTellsTheRest() {
        Path back = folder.resolve("running.safetensors");
        String output = Tool.output("import", exported, "--alphabet", alphabet + "XY", "-o", back);
        assertTrue(output.contains("no start and end"), output);
        assertFalse(ModelFile.load(back).vocabulary().hasMarkers());
        for (String wrong : List.of("a", alphabet + "X", alphabet + "XYZ")) {
            assertTrue(usage("import", exported, "--alphabet", wrong, "-o", back).contains("18 if its last two are"));
        }
        Path upper = Tiny.text(folder, "upper.txt", String.join("\n", Tiny.CAPTIONS) + "ABDE");
        Tool.output("import", exported, "--text", upper, "--lower-case", "-o", back);
        assertEquals(sorted(alphabet), ModelFile.load(back).vocabulary().characters());
    }

    /** As a model that was trained here: how its text was made, and how often the text has each character. */
    @Test
    void anImportRemembersHowItsTextWasPrepared() throws IOException {
        Path lower = Tiny.text(folder, "lower.txt", "caf\u00E9 au lait\n".repeat(9));
        Path run = folder.resolve("prepared");
        Tool.output("train", lower, "--window", 5, "--hidden", 8, "--dense", 0, "--epochs", 2, "--out", run);
        Path keras = folder.resolve("prepared.h5");
        Tool.output("export", run, "-o", keras);
        Path upper = Files.write(folder.resolve("upper-1252.txt"),
                "CAF\u00C9 au Lait\n".repeat(9).getBytes(Charset.forName("windows-1252")));
        Path back = folder.resolve("prepared.safetensors");
        assertTrue(failure("import", keras, "--text", upper, "-o", back).contains("(--encoding)"));
        Tool.output("import", keras, "--text", upper, "--encoding", "windows-1252", "--lower-case", "--order",
                "appearance", "-o", back);
        assertEquals(Tool.output("sample", run, "--last"), Tool.output("sample", back));
        assertEquals(Tool.output("eval", run, lower), Tool.output("eval", back, upper, "--encoding", "windows-1252"));
        Tool.output("import", keras, "--alphabet", "caf\u00E9 ulit\n", "--lower-case", "-o", back);
        assertEquals(Tool.output("score", run, lower), Tool.output("score", back,
                Tiny.text(folder, "Capitals.txt", "CAF\u00C9 au Lait\n".repeat(9)))
                .replace("CAF\u00C9 au Lait", "caf\u00E9 au lait"));
    }

    private static String sorted(String characters) {
        int[] all = characters.codePoints().sorted().toArray();
        return new String(all, 0, all.length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dl4j_simple_lstm_tf_keras_1_model.h5", "dl4j_simple_lstm_th_keras_1_model.h5",
        "dl4j_simple_lstm_tf_keras_2_model.h5", "k2.1.5_tf_cudnnlstm_textgenrnn_weights.hdf5"})
    @Needs(data = "keras")
    void realModelsThatAreNoneOfCharacters(String name) {
        String message = failure("import", TestData.file("keras/" + name), "--alphabet", "ab", "-o",
                folder.resolve("never.safetensors"));
        assertTrue(message
                .contains(name.startsWith("k2") ? "cannot be read: by their names its layers rnn_concat, attention take"
                        : "layer dense_1 that is the last and has the activation linear"),
                message);
    }

    /** Every command that takes a model says the same of the file. */
    private static String refused(Path file) {
        String said = Refusal.of(Main.FAILED, folder, "sample", file);
        for (Object[] line : List.of(new Object[] {"top", file}, new Object[] {"eval", file, text},
                new Object[] {"verify", file, text}, new Object[] {"export", file, "-o", folder.resolve("new.h5")},
                new Object[] {"train", text, "--init", file, "--out", folder.resolve("new")})) {
            assertEquals(said, Refusal.of(Main.FAILED, folder, line));
        }
        return said;
    }

    private static Path zip(String name, String... entries) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(file); ZipOutputStream zip = new ZipOutputStream(out)) {
            for (String entry : entries) {
                zip.putNextEntry(new ZipEntry(entry));
            }
        }
        return file;
    }

    @Test
    @Needs(Need.BASH)
    void theCommandThatARefusedKerasFileIsShownImportsIt() {
        Path file = folder.resolve("a model.h5");
        Tool.output("export", model, "-o", file);
        String command = refused(file).replaceFirst(".*: charlstm ", "")
                .replace(" TEXT ", " " + text + " --order appearance ");
        Tool.output(Bash.words(command).toArray());
        assertEquals(ModelFile.load(model).weights(),
                ModelFile.load(folder.resolve("a model-imported.safetensors")).weights());
    }

    @Test
    void anArchiveIsKerassByItsEntries() throws IOException {
        assertTrue(refused(zip("x.keras", "metadata.json", "config.json", "model.weights.h5"))
                .contains("x.keras is a Keras file; import it "));
        assertFalse(refused(zip("x.pt", "data.pkl", "version")).contains("Keras"));
        Path broken = Files.write(folder.resolve("broken.keras"), new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0, 0});
        assertFalse(refused(broken).contains("Keras"));
    }
}
