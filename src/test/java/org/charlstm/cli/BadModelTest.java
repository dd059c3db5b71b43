package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are no model, or a broken one, given to each command that reads one. */
class BadModelTest {
    @TempDir
    private static Path folder;
    private static Path text;
    private static byte[] whole;
    private static int headerLength;

    @BeforeAll
    static void train() throws IOException {
        text = Tiny.text(folder);
        whole = Files.readAllBytes(Tiny.train(text, folder.resolve("run")));
        headerLength = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    private static void refused(Path model, String... words) {
        for (Object[] line : List.of(new Object[] {"sample", model}, new Object[] {"top", model},
                new Object[] {"eval", model, text}, new Object[] {"verify", model, text},
                new Object[] {"train", text, "--init", model, "--out", folder.resolve("new")})) {
            String message = Refusal.of(Main.FAILED, folder, line);
            assertTrue(message.contains(model.toString()), message);
            for (String word : words) {
                assertTrue(message.contains(word), message);
            }
        }
    }

    private static void refused(byte[] bytes, String... words) throws IOException {
        refused(Files.write(folder.resolve("broken.safetensors"), bytes), words);
    }

    /** A file with a header of its own and the tensors' bytes as they were. */
    private static byte[] headed(String header) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        int data = whole.length - 8 - headerLength;
        return ByteBuffer.allocate(8 + json.length + data).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length)
                .put(json).put(whole, 8 + headerLength, data).array();
    }

    private static String header() {
        return new String(whole, 8, headerLength, StandardCharsets.UTF_8);
    }

    private static byte[] declaring(long length) {
        ByteBuffer bytes = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
        return bytes.putLong(length).array();
    }

    /** The tensors' bytes with one float in the first of them replaced. */
    private static byte[] holding(float value) {
        ByteBuffer bytes = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
        return bytes.putFloat(8 + headerLength, value).array();
    }

    private static byte[] withMetadata(UnaryOperator<String> config, UnaryOperator<String> vocabulary) {
        JsonObject header = JsonParser.parseString(header()).getAsJsonObject();
        JsonObject metadata = header.getAsJsonObject("__metadata__");
        metadata.addProperty("config", config.apply(metadata.get("config").getAsString()));
        metadata.addProperty("vocabulary", vocabulary.apply(metadata.get("vocabulary").getAsString()));
        return headed(header.toString());
    }

    @Test
    void missing() {
        refused(folder.resolve("missing"), "does not exist");
    }

    @Test
    void aFolderWithoutAModel() throws IOException {
        refused(Files.createDirectories(folder.resolve("empty")), "model.safetensors does not exist");
    }

    @Test
    void aText() throws IOException {
        refused(Files.readAllBytes(text));
    }

    @Test
    void aFolderInTheModelsPlace() throws IOException {
        refused(Files.createDirectories(folder.resolve("odd").resolve("model.safetensors")).getParent(), "folder");
    }

    @Test
    void cutShortAnywhere() throws IOException {
        for (int length : new int[] {0, 1, 7, 8, 9, 8 + headerLength - 1, 8 + headerLength, whole.length / 2,
            whole.length - 4, whole.length - 1}) {
            refused(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void longerThanItSays() throws IOException {
        refused(Arrays.copyOf(whole, whole.length + 4), "4 bytes after");
    }

    @Test
    void randomBytes() throws IOException {
        Random random = new Random(1);
        byte[] bytes = new byte[10_000];
        for (int i = 0; i < 3; i++) {
            random.nextBytes(bytes);
            refused(bytes);
        }
    }

    /** A header's length is believed only as far as the file goes, before memory is taken for it. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, 100_000_001, 1 << 20})
    void anImpossibleLengthOfTheHeader(long length) throws IOException {
        refused(declaring(length), "header");
    }

    /** A sparse file is as long as its header says, without the disk or the memory. */
    @Test
    void aHugeHeaderThatIsThere() throws IOException {
        Path model = folder.resolve("huge.safetensors");
        try (SeekableByteChannel channel = Files.newByteChannel(model, StandardOpenOption.CREATE,
                StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(100_000_001).flip());
            channel.position(8 + 100_000_001);
            channel.write(ByteBuffer.allocate(1));
        }
        try {
            Refusal.of(Main.FAILED, folder.resolve("run"), "sample", model);
        } finally {
            Files.delete(model);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "null", "{", "{} {}", "{\"a\":NaN}", "{\"a\":1,}", "{\"a\":1}", "\u0000\u0000"})
    void aHeaderThatIsNotOne(String json) throws IOException {
        refused(headed(json));
    }

    @Test
    void aHeaderThatIsTooDeep() throws IOException {
        refused(headed("{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}"));
    }

    /** The bias of the LSTM with another shape than its bytes have. */
    @ParameterizedTest
    @ValueSource(strings = {"[-32]", "[33]", "[31]", "[4,8]", "[32,1]", "[2147483647]", "[4294967296]", "[1.5]", "[]",
        "[2147483647,2147483647,2147483647]", "[0]"})
    void aShapeThatLies(String shape) throws IOException {
        JsonObject header = JsonParser.parseString(header()).getAsJsonObject();
        header.getAsJsonObject("lstm_1.bias").add("shape", JsonParser.parseString(shape));
        refused(headed(header.toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[-4,124]", "[0,128]", "[128,0]", "[0,9223372036854775807]", "[-128,0]", "[1,2,3]", "[]",
        "[0,1e30]"})
    void aPlaceThatLies(String place) throws IOException {
        JsonObject header = JsonParser.parseString(header()).getAsJsonObject();
        header.getAsJsonObject("lstm_1.bias").add("data_offsets", JsonParser.parseString(place));
        refused(headed(header.toString()));
    }

    @Test
    void aTypeThatIsNotRead() throws IOException {
        refused(headed(header().replace("F32", "I32")), "I32");
    }

    @Test
    void aTensorTooFewTwiceOrTooMany() throws IOException {
        refused(headed(header().replace("dense_2.bias", "other")), "dense_2.bias");
        refused(headed(header().replace("dense_2.bias", "dense_1.bias")), "twice");
        JsonObject header = JsonParser.parseString(header()).getAsJsonObject();
        header.add("more", JsonParser.parseString("{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}"));
        refused(headed(header.toString()), "more");
    }

    /** Sizes in the description that its own tensors do not have. */
    @ParameterizedTest
    @CsvSource({"0,-8", "0,0", "0,9", "0,2147483647", "0,99999999999", "0,1.5", "1,-1", "1,0", "1,9", "2,19",
        "symbols,0", "symbols,19", "symbols,1000000", "steps,0", "steps,-1"})
    void aDescriptionThatLies(String member, String value) throws IOException {
        refused(withMetadata(text -> {
            JsonObject config = JsonParser.parseString(text).getAsJsonObject();
            // A number is that of a layer, whose units are changed.
            boolean ofLayer = member.matches("\\d");
            JsonObject object = ofLayer
                    ? config.getAsJsonArray("layers").get(Integer.parseInt(member)).getAsJsonObject() : config;
            String changed = ofLayer ? "units" : member;
            assertTrue(object.has(changed), text);
            object.add(changed, JsonParser.parseString(value));
            return config.toString();
        }, vocabulary -> vocabulary));
    }

    @Test
    void aDescriptionThatIsBroken() throws IOException {
        for (String broken : List.of("", "null", "[]", "{}", "{\"symbols\":", "1")) {
            refused(withMetadata(config -> broken, vocabulary -> vocabulary));
            refused(withMetadata(config -> config, vocabulary -> broken));
        }
        for (String counts : List.of("[1]", "1", "null", "[\"x\"]", "[1.5]", "[-1]", "[9223372036854775807,1]")) {
            refused(withMetadata(config -> config,
                    vocabulary -> vocabulary.replaceFirst("\\{", "{\"counts\":" + counts + ",")));
        }
    }

    @Test
    void weightsThatAreNotNumbers() throws IOException {
        Path model = Files.write(folder.resolve("diverged"), holding(Float.NaN));
        assertTrue(Refusal.of(Main.FAILED, folder, "eval", model, text).contains("NaN"));
        assertTrue(Refusal.of(Main.FAILED, folder, "top", model, "--prefix", "a").contains("NaN"));
        assertTrue(Refusal.of(Main.FAILED, folder, "verify", model, text).contains("NaN"));
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            Files.write(model, holding(value));
            String message = Refusal.of(Main.FAILED, folder, "train", text, "--out", folder.resolve("new"), "--init",
                    model);
            assertTrue(message.contains("lstm_1.kernel"), message);
        }
    }

    @Test
    void aStartOfOtherSizesThanThoseAskedFor() {
        Path model = folder.resolve("run");
        for (Object[] size : List.of(new Object[] {"--hidden", 9}, new Object[] {"--dense", 0})) {
            String message = Refusal.of(Main.USAGE, folder, "train", text, "--out", folder.resolve("new"), "--init",
                    model, size[0], size[1]);
            assertTrue(message.contains(size[0].toString()) && message.contains("has 8"), message);
        }
    }
}
