package org.charlstm.keras;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Fuzz;
import org.charlstm.TextMutation;
import org.charlstm.circle.Sampled;
import org.charlstm.circle.SecondCircle;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.SavedModel;
import org.charlstm.io.format.Safetensors;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.Python;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of {@code torch.save}, in both of its forms. */
@Tag("outside")
@Sampled
class TorchFileTest {
    private static final SavedModel GRU = Exported.ofCells(RecurrentCell.Gru.RESET_AFTER);

    @TempDir
    private Path folder;
    private Map<String, Tensor> tensors;

    @BeforeEach
    void export() {
        Path exported = folder.resolve("exported.safetensors");
        ExportFormat.PYTORCH.write(exported, GRU);
        tensors = new LinkedHashMap<>(Safetensors.read(exported).tensors());
    }

    /** Writes a pickle as Python's pickler does, as far as torch.save needs. */
    private static final class Pickler {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Pickler() {
            bytes(0x80, 2);
        }

        Pickler bytes(int... codes) {
            Arrays.stream(codes).forEach(out::write);
            return this;
        }

        Pickler ascii(String text) {
            out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
            return this;
        }

        Pickler string(String text) {
            return bytes('X').whole(text.length()).ascii(text);
        }

        private Pickler whole(int number) {
            out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array());
            return this;
        }

        Pickler number(int number) {
            return bytes('J').whole(number);
        }

        Pickler numbers(int... numbers) {
            bytes('(');
            Arrays.stream(numbers).forEach(this::number);
            return bytes('t');
        }

        Pickler global(String module, String name) {
            return ascii("c" + module + "\n" + name + "\n");
        }

        /** A matrix is stored by its columns, so that its strides are not those of rows. */
        Pickler tensor(String key, Tensor tensor, String storage) {
            List<Integer> shape = tensor.shape();
            global("torch._utils", "_rebuild_tensor_v2").bytes('(', '(').string("storage").global("torch", storage)
                    .string(key).string("cpu").number(tensor.values().length).bytes('t', 'Q').number(0);
            numbers(shape.stream().mapToInt(Integer::intValue).toArray());
            numbers(shape.size() == 1 ? new int[] {1} : new int[] {1, shape.getFirst()});
            return bytes(0x89).global("collections", "OrderedDict").bytes(')', 'R', 't', 'R');
        }

        byte[] end() {
            return bytes('.').out.toByteArray();
        }
    }

    private static byte[] stored(Tensor tensor) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * tensor.values().length).order(ByteOrder.LITTLE_ENDIAN);
        int rows = tensor.shape().getFirst();
        int columns = tensor.values().length / rows;
        for (int i = 0; i < tensor.values().length; i++) {
            bytes.putFloat((float) tensor.values()[i % rows * columns + i / rows]);
        }
        return bytes.array();
    }

    /** A checkpoint: an epoch, an object of a class of its own, and the state_dict with a count of batches. */
    private byte[] checkpoint(String storage) {
        Pickler pickle = new Pickler().bytes('}', 'q', 0, '(').string("epoch").number(7).string("args")
                .global("os", "system").bytes('(').string("touch /tmp/never").bytes('t', 'R').string("model")
                .global("collections", "OrderedDict").bytes(')', 'R', '(');
        int key = 0;
        for (Map.Entry<String, Tensor> each : tensors.entrySet()) {
            pickle.string(each.getKey()).tensor(Integer.toString(key++), each.getValue(), storage);
        }
        return pickle.bytes('u', '}').string("_metadata").bytes('}', 's', 'b', 'u').end();
    }

    private Path zip(byte[] pickle) throws IOException {
        Path file = folder.resolve("saved.pt");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.setLevel(0);
            put(zip, "saved/data.pkl", pickle);
            put(zip, "saved/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
            int key = 0;
            for (Tensor tensor : tensors.values()) {
                put(zip, "saved/data/" + key++, stored(tensor));
            }
        }
        return file;
    }

    private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(bytes);
    }

    private Path older(byte[] pickle) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(
                new Pickler().bytes(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19).end());
        whole.writeBytes(new Pickler().bytes('M', 0xe9, 3).end());
        whole.writeBytes(new Pickler().bytes('}', '(').string("little_endian").bytes(0x88, 'u').end());
        whole.writeBytes(pickle);
        Pickler keys = new Pickler().bytes(']', '(');
        for (int key = 0; key < tensors.size(); key++) {
            keys.string(Integer.toString(key));
        }
        whole.writeBytes(keys.bytes('e').end());
        for (Tensor tensor : tensors.values()) {
            whole.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(tensor.values().length)
                    .array());
            whole.writeBytes(stored(tensor));
        }
        return Files.write(folder.resolve("older.pt"), whole.toByteArray());
    }

    private static Weights imported(Path file) {
        return KerasImport.of(KerasFile.read(file), Optional.empty()).weights();
    }

    @Test
    void bothFormsAreRead() throws IOException {
        byte[] pickle = checkpoint("FloatStorage");
        assertEquals(GRU.weights(), imported(zip(pickle)));
        assertEquals(GRU.weights(), imported(older(pickle)));
        assertTrue(KerasFile.isTorchs(folder.resolve("saved.pt")) && KerasFile.isTorchs(folder.resolve("older.pt")));
        assertTrue(!KerasFile.isTorchs(folder.resolve("exported.safetensors")));
    }

    @Test
    void whatIsNoStateDictSaysHowToMakeOne() throws IOException {
        String advice =
                "; in Python, safetensors.torch.save_file(model.state_dict(), 'model.safetensors') writes what can "
                        + "be";
        Path whole = zip(new Pickler().global("__main__", "Net").bytes(')', 0x81, '}', 'b').end());
        assertEquals(
                whole + " is of torch.save and holds no state_dict but a whole object of a class of its own" + advice,
                assertRefused("saved", () -> KerasFile.read(whole)));
        Path other = older(new Pickler().bytes('}').string("x").number(1).bytes('s').end());
        assertRefused(other + " is of torch.save and ", () -> KerasFile.read(other));
        Path longer = zip(checkpoint("DoubleStorage"));
        assertRefused(longer + " is of torch.save and cannot be read: ", () -> KerasFile.read(longer));
    }

    @Test
    @SecondCircle("fuzzing of another kind")
    void spoiltOnesAreRefusedAndNothingIsCalled() throws IOException {
        byte[] pickle = checkpoint("FloatStorage");
        Path whole = older(pickle);
        Fuzz.run(folder.resolve("spoilt.pt"), new TextMutation(Files.readAllBytes(whole)), file -> imported(file));
        Fuzz.run(folder.resolve("saved.pt"), random -> Files.readAllBytes(zip(new TextMutation(pickle).next(random))),
                file -> imported(file));
        assertTrue(!Files.exists(Path.of("/tmp/never")));
    }

    /** Usual names, and what PyTorch itself writes. */
    @Test
    @Needs(Need.TORCH)
    void filesOfTorch() throws IOException, InterruptedException {
        double[] logits = Arrays.stream(Python.output("torch", "torch_saved.py", folder).strip().split(" "))
                .mapToDouble(Double::parseDouble).toArray();
        for (String name : List.of("zip.pt", "older.pt", "checkpoint.pt")) {
            Weights weights = imported(folder.resolve(name));
            double[] ours = Exported.logits(weights, 3, 0, 1, 4);
            for (int i = 0; i < logits.length; i++) {
                assertEquals(logits[i], ours[i], 1e-5, name);
            }
        }
    }
}
