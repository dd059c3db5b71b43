package org.charlstm.keras;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;
import org.charlstm.base.RegularFile;
import org.charlstm.base.UntrustedJson;
import org.charlstm.io.ModelFile;
import org.charlstm.nn.Tensor;

/**
 * Reads the tensors of a {@code state_dict} that {@code torch.save} wrote, alone or in a checkpoint's dictionary. The
 * file is a zip with a pickle and a file for each storage; before PyTorch 1.6 it is pickles followed by the storages.
 */
final class TorchFile {
    private static final String PICKLE = "/data.pkl";
    /** The first pickle of the older form: a magic number. */
    private static final byte[] MAGIC = {(byte) 0x80, 2, (byte) 0x8a, 10, 0x6c, (byte) 0xfc, (byte) 0x9c, 0x46,
        (byte) 0xf9};
    private static final String STRAY = "a storage in it belongs to no tensor of the state_dict";
    private static final int MAX_PICKLE = 64 << 20;
    private static final Map<String, Integer> BYTES = Map.of("torch.FloatStorage", 4, "torch.DoubleStorage", 8,
            "torch.HalfStorage", 2, "torch.BFloat16Storage", 2);
    /** The element sizes of storages whose tensors are left out but whose length must be known. */
    private static final Map<String, Integer> OTHER_BYTES = Map.of("torch.LongStorage", 8, "torch.IntStorage", 4,
            "torch.ShortStorage", 2, "torch.CharStorage", 1, "torch.ByteStorage", 1, "torch.BoolStorage", 1);

    /** Whether a file begins like the older form; {@link #isOne} recognises the zip of the newer form. */
    static boolean isSignature(byte[] head) {
        return ByteBuffer.wrap(head).equals(ByteBuffer.wrap(MAGIC));
    }

    /** Whether a file is a zip of the newer form. */
    static boolean isOne(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return pickle(zip).isPresent();
        } catch (ZipException | EOFException e) {
            return false;
        }
    }

    private static Optional<String> pickle(ZipFile zip) {
        return zip.stream().map(ZipEntry::getName).filter(name -> name.endsWith(PICKLE)
                && name.indexOf('/') == name.length() - PICKLE.length()).findFirst();
    }

    static Map<String, Tensor> read(Path file) throws IOException {
        try (FileChannel channel = RegularFile.open(file)) {
            ByteBuffer head = ByteBuffer.allocate(MAGIC.length);
            channel.read(head, 0);
            if (isSignature(head.array())) {
                return older(file);
            }
        }
        try (ZipFile zip = new ZipFile(file.toFile())) {
            String pickle = pickle(zip).orElseThrow(() -> new ZipException("no " + PICKLE));
            String folder = pickle.substring(0, pickle.length() - PICKLE.length());
            ByteBuffer bytes = bytes(file, zip, pickle, MAX_PICKLE);
            ByteOrder order = zip.getEntry(folder + "/byteorder") != null && "big".equals(StandardCharsets.UTF_8
                    .decode(bytes(file, zip, folder + "/byteorder", 16)).toString()) ? ByteOrder.BIG_ENDIAN
                            : ByteOrder.LITTLE_ENDIAN;
            Map<String, ByteBuffer> stored = new LinkedHashMap<>();
            return understood(file, () -> tensors(file, new Unpickler(bytes).read(), storage -> stored.computeIfAbsent(
                    storage.key(), key -> bytes(file, zip, folder + "/data/" + key, Integer.MAX_VALUE - 8)
                            .order(order))));
        } catch (ZipException e) {
            throw new CharlstmException(file + " is a zip that is cut short or broken", e);
        }
    }

    private static Map<String, Tensor> older(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        return understood(file, () -> {
            Unpickler pickles = new Unpickler(bytes);
            // Skips the magic number, the protocol and the machine.
            for (int i = 0; i < 3; i++) {
                pickles.read();
            }
            Object saved = pickles.read();
            List<?> keys = (List<?>) pickles.read();
            Map<String, Unpickler.Storage> storages = new LinkedHashMap<>();
            views(saved).forEach(view -> storages.put(view.storage().key(), view.storage()));
            Map<String, ByteBuffer> stored = new LinkedHashMap<>();
            for (Object key : keys) {
                long elements = bytes.order(ByteOrder.LITTLE_ENDIAN).getLong();
                Unpickler.Storage storage = UntrustedJson.present(storages.get(String.valueOf(key)), STRAY);
                UntrustedJson.require(elements == storage.elements(), STRAY);
                int length = Math.toIntExact(Math.multiplyExact(elements, width(storage)));
                stored.put(storage.key(), bytes.slice(bytes.position(), length).order(ByteOrder.LITTLE_ENDIAN));
                bytes.position(bytes.position() + length);
            }
            return tensors(file, saved, storage -> UntrustedJson.present(stored.get(storage.key()), STRAY));
        });
    }

    private static int width(Unpickler.Storage storage) {
        Integer width = BYTES.get(storage.type());
        return width != null ? width
                : UntrustedJson.present(OTHER_BYTES.get(storage.type()), "it has a storage of " + storage.type());
    }

    private static Stream<Unpickler.View> views(Object saved) {
        return saved instanceof Map<?, ?> map ? Stream.concat(Stream.of(map),
                map.values().stream().filter(Map.class::isInstance).map(Map.class::cast))
                .flatMap(each -> ((Map<?, ?>) each).values().stream()).filter(Unpickler.View.class::isInstance)
                .map(Unpickler.View.class::cast) : Stream.of();
    }

    private static <T> T understood(Path file, Supplier<T> reading) {
        return UntrustedJson.read(file + " is of torch.save and cannot be read", advice(), reading);
    }

    private static String advice() {
        return "in Python, safetensors.torch.save_file(model.state_dict(), 'model.safetensors') writes what can be";
    }

    private static Map<String, Tensor> tensors(Path file, Object saved, Function<Unpickler.Storage, ByteBuffer> bytes) {
        List<Map<?, ?>> dictionaries = saved instanceof Map<?, ?> map ? Stream.concat(Stream.of(map), map.values()
                .stream().filter(Map.class::isInstance).map(value -> (Map<?, ?>) value)).filter(
                        each -> each.keySet()
                                .stream().anyMatch(key -> key instanceof String name && ModelFile.isOfPyTorch(name)))
                .<Map<?, ?>>map(each -> each).toList() : List.of();
        Refuse.inputIf(dictionaries.size() != 1,
                file + " is of torch.save and holds " + (saved instanceof Map ? dictionaries.isEmpty()
                        ? "no tensor of a recurrent module, such as rnn.weight_ih_l0" : "several state_dicts"
                        : "no state_dict but a whole object of a class of its own") + "; " + advice());
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        dictionaries.getFirst().forEach((name, value) -> {
            if (value instanceof Unpickler.View view && BYTES.containsKey(view.storage().type())) {
                tensors.put((String) name, tensor((String) name, view, bytes.apply(view.storage())));
            }
        });
        return tensors;
    }

    private static Tensor tensor(String name, Unpickler.View view, ByteBuffer stored) {
        int width = width(view.storage());
        List<Integer> shape = view.shape().stream().map(Math::toIntExact).toList();
        long elements = Tensor.size(shape);
        UntrustedJson.require(view.strides().size() == shape.size() && shape.stream().allMatch(size -> size >= 0)
                && view.offset() >= 0 && view.strides().stream().allMatch(stride -> stride >= 0)
                && elements <= stored.remaining() / width,
                name + " of shape " + shape
                        + " does not lie in its storage");
        double[] values = new double[(int) elements];
        for (int i = 0; i < values.length; i++) {
            long at = view.offset();
            long rest = i;
            for (int dimension = shape.size() - 1; dimension >= 0; dimension--) {
                at += rest % shape.get(dimension) * view.strides().get(dimension);
                rest /= shape.get(dimension);
            }
            int place = Math.toIntExact(Math.multiplyExact(at, width));
            values[i] = switch (view.storage().type()) {
                case "torch.DoubleStorage" -> stored.getDouble(place);
                case "torch.HalfStorage" -> Float.float16ToFloat(stored.getShort(place));
                case "torch.BFloat16Storage" -> Float.intBitsToFloat(stored.getShort(place) << 16);
                default -> stored.getFloat(place);
            };
        }
        return new Tensor(name, shape, values);
    }

    private static ByteBuffer bytes(Path file, ZipFile zip, String name, long most) {
        ZipEntry entry = zip.getEntry(name);
        // torch.save does not compress.
        if (entry == null || entry.getSize() < 0 || entry.getSize() > most
                || entry.getSize() > file.toFile().length()) {
            throw new CharlstmException(file + " is of torch.save and has no " + name + " that could be whole; save it "
                    + "anew");
        }
        try (InputStream in = zip.getInputStream(entry)) {
            return ByteBuffer.wrap(in.readNBytes((int) entry.getSize()));
        } catch (IOException e) {
            throw new CharlstmException(file + " is a zip that is cut short or broken", e);
        }
    }
}
