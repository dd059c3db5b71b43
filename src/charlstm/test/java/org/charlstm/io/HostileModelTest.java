package org.charlstm.io;

import static org.charlstm.Refusals.assertRefused;
import static org.charlstm.io.RawFile.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import module java.base;
import org.charlstm.io.format.Safetensors;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Models;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that only claim to be a model. */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileModelTest {
    private static final Weights WEIGHTS = Initializer.keras(Models.of(5, 2, 3), 1);
    private static final String HEAD = "{'symbols':5,'steps':6,'layers':";
    private static final String LSTM = "{'kind':'lstm','units':2,'recurrent_activation':'sigmoid'}";
    private static final String HIDDEN = "{'kind':'dense','units':3,'activation':'relu'}";
    private static final String LOGITS = "{'kind':'dense','units':5,'activation':'linear'}";
    private static final String CONFIG = HEAD + "[" + LSTM + "," + HIDDEN + "," + LOGITS + "]}";
    private static final String VOCABULARY = "{'characters':'abc','start':3,'end':4}";

    @TempDir
    private Path folder;
    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("hostile.safetensors");
    }

    private void write(String config, String vocabulary, List<Tensor> tensors) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", "charlstm-1");
        metadata.put("config", json(config));
        metadata.put("vocabulary", json(vocabulary));
        Safetensors.write(file, tensors, metadata);
    }

    private void assertModelRefused() {
        assertRefused(file.toString(), () -> ModelFile.load(file));
        assertRefused(file.toString(), () -> ModelFile.loadTensors(file));
    }

    private void assertBytesRefused(byte[] bytes) throws IOException {
        Files.write(file, bytes);
        assertModelRefused();
        assertRefused(file.toString(), () -> Safetensors.read(file));
    }

    private byte[] model() throws IOException {
        ModelFile.save(file, new SavedModel(WEIGHTS.config(), 6, Vocabulary.ofCharacters("abc"), WEIGHTS));
        return Files.readAllBytes(file);
    }

    /** Guards the tests below, whose refusals might otherwise have another reason. */
    @Test
    void validDescriptionIsRead() throws IOException {
        write(CONFIG, VOCABULARY, WEIGHTS.tensors());
        assertEquals(WEIGHTS, ModelFile.load(file).weights());
    }

    @Test
    void cutShortAnywhereOrTooLong() throws IOException {
        byte[] model = model();
        for (int length = 0; length < model.length; length += 10) {
            assertBytesRefused(Arrays.copyOf(model, length));
        }
        for (int length : new int[] {7, model.length - 1, model.length + 1, model.length + 4}) {
            assertBytesRefused(Arrays.copyOf(model, length));
        }
    }

    @Test
    void randomBytes() throws IOException {
        Random random = new Random(1);
        for (int length = 1; length < 2000; length = 3 * length / 2 + 1) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            assertBytesRefused(bytes);
            // A plausible header length takes them further in.
            Arrays.fill(bytes, 0, Math.min(length, 8), (byte) 0);
            bytes[0] = (byte) Math.max(0, length - 8);
            assertBytesRefused(bytes);
        }
    }

    @Test
    void falseHeaderLengths() throws IOException {
        byte[] model = model();
        long right = Byte.toUnsignedLong(model[0]) + 256 * Byte.toUnsignedLong(model[1]);
        byte[] rest = Arrays.copyOfRange(model, 8, model.length);
        for (long declared : new long[] {Long.MAX_VALUE, Long.MIN_VALUE, -1, -right, 0, 1, 2, right - 8, right + 8,
            rest.length, rest.length + 1, rest.length + 9, 100_000_001, Integer.MAX_VALUE, right + (1L << 32),
            Long.MAX_VALUE - 7}) {
            assertBytesRefused(RawFile.of(declared, rest));
        }
    }

    /** A few bytes declare the longest possible header. */
    @Test
    void allocationIsBoundedByTheFile() throws IOException {
        Files.write(file, RawFile.of(100_000_000, model()));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertRefused(file.toString(), () -> Safetensors.read(file));
        long taken = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(taken < 10_000_000, "took " + taken + " bytes");
    }

    /** The sign # stands for the right number. */
    @ParameterizedTest
    @ValueSource(strings = {"-1", "-2147483648", "2147483648", "4294967301", "1e9999", "1e99999", "2.5", "'x'", "'#'",
        "''", "null", "true", "[]", "[#]", "{}"})
    void malformedSizes(String wrong) throws IOException {
        for (String right : List.of("'symbols':5", "'units':2", "'units':3", "'units':5", "'steps':6")) {
            int colon = right.indexOf(':') + 1;
            String member = right.substring(0, colon) + wrong.replace("#", right.substring(colon));
            write(CONFIG.replace(right, member), VOCABULARY, WEIGHTS.tensors());
            assertModelRefused();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"'symbols':5,", "'units':2,", "'units':3,", "'units':5,", "'steps':6,"})
    void missingSizes(String member) throws IOException {
        write(CONFIG.replace(member, ""), VOCABULARY, WEIGHTS.tensors());
        assertModelRefused();
    }

    /** The largest of them overflow when the four gates multiply them. */
    @ParameterizedTest
    @CsvSource({"symbols,5", "units,2", "units,3", "units,5"})
    void sizesThatContradictTensors(String key, String right) throws IOException {
        for (int wrong : new int[] {0, 1, 4, 6, 1 << 29, 1 << 30, Integer.MAX_VALUE}) {
            write(CONFIG.replace("'" + key + "':" + right, "'" + key + "':" + wrong), VOCABULARY, WEIGHTS.tensors());
            assertModelRefused();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "7", "null", "[]", "'x'", "{", "{'symbols':5", "{}",
        "{'symbols':5,'steps':0,'layers':[" + LSTM + "," + HIDDEN + "," + LOGITS + "]}",
        "{'symbols':5,'steps':6}", HEAD + "3}", HEAD + "'x'}", HEAD + "null}", HEAD + LOGITS + "}",
        HEAD + "[{'kind':'lstm','units':2}," + HIDDEN + "," + LOGITS + "]}",
        HEAD + "[{'kind':'lstm','units':2,'recurrent_activation':'relu'}," + HIDDEN + "," + LOGITS + "]}",
        HEAD + "[{'kind':'lstm','units':2,'recurrent_activation':null}," + HIDDEN + "," + LOGITS + "]}",
        HEAD + "[{'kind':'lstm','units':2,'recurrent_activation':['sigmoid']}," + HIDDEN + "," + LOGITS + "]}",
        HEAD + "[{'kind':'lstm','units':2,'recurrent_activation':{}}," + HIDDEN + "," + LOGITS + "]}",
        HEAD + "[" + LSTM + ",3," + LOGITS + "]}",
        HEAD + "[" + LSTM + ",[]," + LOGITS + "]}",
        HEAD + "[" + LSTM + ",{'kind':'dense'}," + LOGITS + "]}",
        HEAD + "[" + LSTM + ",{'kind':'dense','units':3}," + LOGITS + "]}",
        HEAD + "[" + LSTM + ",{'kind':'dense','units':3,'activation':'elu'}," + LOGITS + "]}",
        HEAD + "[" + LSTM + ",{'kind':'dense','units':3,'activation':'relu','tied':1}," + LOGITS + "]}",
        HEAD + "[" + LSTM + ",{'kind':'dropout'}," + LOGITS + "]}",
        HEAD + "[" + LSTM + ",{'kind':'dropout','rate':1}," + LOGITS + "]}",
        HEAD + "[" + LSTM + ",{'kind':'dropout','rate':'x'}," + LOGITS + "]}",
        HEAD + "[" + LSTM + ",{'kind':7}," + LOGITS + "]}",
        "{'symbols':5,'steps':6,'layers':[]}", "{'symbols':5,'steps':6,'layers':[3]}",
        "{'symbols':5,'steps':6,'layers':[{'kind':'gru','units':2}]}",
        "{'symbols':5,'steps':6,'layers':[{'kind':'lstm','units':2,'recurrent_activation':'sigmoid'}]}",
        "{'symbols':5,'steps':6,'layers':[{'kind':'dense','units':3,'activation':'relu'},"
                + "{'kind':'lstm','units':2,'recurrent_activation':'sigmoid'},"
                + "{'kind':'dense','units':5,'activation':'linear'}]}",
        "{'symbols':5,'steps':6,'layers':[{'kind':'lstm','units':2,'recurrent_activation':'sigmoid'},"
                + "{'kind':'dense','units':5,'activation':'relu'}]}",
        // Over several lines, which the message must not repeat as they are.
        "{\n'symbols':6,\n'steps':6,\n'layers':[" + LSTM + ",\n" + HIDDEN + ",\n" + LOGITS + "]}"})
    void malformedConfigurations(String config) throws IOException {
        write(config, VOCABULARY, WEIGHTS.tensors());
        assertModelRefused();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "7", "null", "[]", "'abc'", "{", "{}", "{'characters':null}", "{'characters':7}",
        "{'characters':123}", "{'characters':{}}", "{'characters':['abc']}", "{'characters':''}", "{'characters':'ab'}",
        "{'characters':'abcd'}", "{'characters':'abca'}", "{'characters':'aba'}", "{'characters':'a\\n\\n'}",
        "{'characters':'ab','start':2,'end':3}", "{'characters':'abcd','start':4,'end':5}",
        "{'characters':'abc','start':3,'end':4,'lower_case':1}",
        "{'characters':'abc','start':3,'end':4,'min_count':'2'}",
        "{'characters':'abc','start':3,'end':4,'normalize':'x'}", "{'characters':'abc','start':3,'end':4,'alphabet':7}",
        // Start and end elsewhere: the ids would be read as other symbols than the writer's.
        "{'characters':'abc','start':0,'end':4}", "{'characters':'abc','start':4,'end':3}"})
    void vocabulariesThatDoNotMatch(String vocabulary) throws IOException {
        write(CONFIG, vocabulary, WEIGHTS.tensors());
        assertModelRefused();
    }

    @Test
    void deepNestingInTheDescription() throws IOException {
        String deep = "[".repeat(100_000);
        write(deep, VOCABULARY, WEIGHTS.tensors());
        assertModelRefused();
        write(CONFIG, "{'characters':" + deep, WEIGHTS.tensors());
        assertModelRefused();
    }

    @Test
    void tensorsThatAreMissingOrOfAnotherShape() throws IOException {
        for (int i = 0; i < WEIGHTS.tensors().size(); i++) {
            Tensor tensor = WEIGHTS.tensors().get(i);
            List<Tensor> tensors = new ArrayList<>(WEIGHTS.tensors());
            tensors.remove(i);
            assertTensorsRefused(tensors);
            tensors.add(i, new Tensor(tensor.name(), List.of(1, tensor.values().length), tensor.values()));
            assertTensorsRefused(tensors);
            tensors.set(i, new Tensor(tensor.name(), tensor.shape().size() == 1 ? List.of(tensor.values().length, 1)
                    : tensor.shape().reversed(), tensor.values()));
            assertTensorsRefused(tensors);
            tensors.set(i, new Tensor(tensor.name(), List.of(0), new double[0]));
            assertTensorsRefused(tensors);
            tensors.set(i, new Tensor(tensor.name(), List.of(), new double[1]));
            assertTensorsRefused(tensors);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lstm_2.kernel", "dense_3.bias", "LSTM_1.bias", "", "two\nlines"})
    void surplusTensors(String name) throws IOException {
        List<Tensor> tensors = new ArrayList<>(WEIGHTS.tensors());
        tensors.add(new Tensor(name, List.of(1), new double[1]));
        assertTensorsRefused(tensors);
    }

    /** With a description, and bare, where the sizes come from the shapes. */
    private void assertTensorsRefused(List<Tensor> tensors) throws IOException {
        write(CONFIG, VOCABULARY, tensors);
        assertModelRefused();
        Safetensors.write(file, tensors, Map.of());
        assertModelRefused();
    }

    @Test
    void emptyBareTensors() throws IOException {
        Safetensors.write(file, List.of(new Tensor("lstm_1.kernel", List.of(5, 0), new double[0]),
                new Tensor("lstm_1.recurrent_kernel", List.of(0, 0), new double[0]),
                new Tensor("lstm_1.bias", List.of(0), new double[0]),
                new Tensor("dense_1.kernel", List.of(0, 5), new double[0]),
                new Tensor("dense_1.bias", List.of(5), new double[5])), Map.of());
        assertModelRefused();
        Safetensors.write(file, List.of(), Map.of());
        assertModelRefused();
    }
}
