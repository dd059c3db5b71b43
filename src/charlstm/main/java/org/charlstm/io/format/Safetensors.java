package org.charlstm.io.format;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.base.AtomicFile;
import org.charlstm.base.Json;
import org.charlstm.nn.Tensor;

/**
 * The safetensors format of huggingface/safetensors: eight bytes with the length of a JSON header, the header (the
 * type, shape and offsets of each tensor, and metadata as strings by key), then the tensors' little-endian bytes.
 */
public record Safetensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
    /** The key of the metadata in the header. */
    public static final String METADATA = "__metadata__";

    private static final int ALIGNMENT = 8;

    public Safetensors {
        tensors = new LinkedHashMap<>(tensors);
        metadata = new LinkedHashMap<>(metadata);
    }

    /** A file's header, with tensors in its order. The tensors' data begins {@code length} bytes into the file. */
    public record Header(List<Entry> tensors, Map<String, String> metadata, long length) {
        /** A tensor without its values, of a type that may be unknown. Positions are counted from the header's end. */
        public record Entry(String name, String dtype, List<Integer> shape, long begin, long end) {
        }

        public Map<String, List<Integer>> shapes() {
            Map<String, List<Integer>> shapes = new LinkedHashMap<>();
            tensors.forEach(tensor -> shapes.put(tensor.name, tensor.shape));
            return shapes;
        }

        public Header {
            tensors = List.copyOf(tensors);
            metadata = new LinkedHashMap<>(metadata);
        }
    }

    /** Reads a file's header, without trust. Fails if the file cannot be read or is inconsistent. */
    public static Header readHeader(Path file) {
        return new SafetensorsReader(file).header();
    }

    /** Reads a file, without trust. Fails if the file cannot be read or is inconsistent. */
    public static Safetensors read(Path file) {
        return new SafetensorsReader(file).read();
    }

    /** Writes tensors as float32, and metadata, in their order and atomically. Equal inputs give equal bytes. */
    public static void write(Path file, List<Tensor> tensors, Map<String, String> metadata) {
        JsonObject header = new JsonObject();
        JsonObject strings = new JsonObject();
        metadata.forEach(strings::addProperty);
        header.add(METADATA, strings);
        long end = 0;
        for (Tensor tensor : tensors) {
            long begin = end;
            end += 4L * tensor.values().length;
            JsonObject entry = Json.object("dtype", "F32", "shape", Json.array(tensor.shape()), "data_offsets",
                    Json.array(List.of(begin, end)));
            header.add(tensor.name(), entry);
        }
        byte[] json = Json.compact(header).getBytes(StandardCharsets.UTF_8);
        int padded = Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT;
        ByteBuffer head = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).put(json);
        while (head.hasRemaining()) {
            head.put((byte) ' ');
        }
        AtomicFile.write(file, channel -> {
            AtomicFile.writeFully(channel, head.flip());
            for (Tensor tensor : tensors) {
                ByteBuffer data = ByteBuffer.allocate(Math.multiplyExact(4, tensor.values().length))
                        .order(ByteOrder.LITTLE_ENDIAN);
                for (double value : tensor.values()) {
                    data.putFloat((float) value);
                }
                AtomicFile.writeFully(channel, data.flip());
            }
        });
    }
}
