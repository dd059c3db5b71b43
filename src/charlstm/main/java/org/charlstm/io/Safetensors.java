package org.charlstm.io;

import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.charlstm.nn.Tensor;

/**
 * The safetensors format of huggingface/safetensors: eight bytes with the length of a JSON header, the header (for each
 * tensor its type, shape and offsets), then the tensors' little-endian bytes.
 *
 * @param tensors  by name, in the order of the header
 * @param metadata the header's strings by key
 */
public record Safetensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
    /** The key of the metadata in the header. */
    static final String METADATA = "__metadata__";

    private static final int ALIGNMENT = 8;

    /** Copies both maps in their order. */
    public Safetensors {
        tensors = new LinkedHashMap<>(tensors);
        metadata = new LinkedHashMap<>(metadata);
    }

    /**
     * A file's header.
     *
     * @param tensors  in the order of the header
     * @param metadata the header's strings by key
     * @param length   its bytes: the tensors begin there
     */
    public record Header(List<Entry> tensors, Map<String, String> metadata, long length) {
        /**
         * A tensor without its values.
         *
         * @param dtype its type as the file names it, which may be one that {@link Safetensors#read} refuses
         * @param begin of its first byte, counted from the header's end
         * @param end   after its last byte
         */
        public record Entry(String name, String dtype, List<Integer> shape, long begin, long end) {
        }

        /** Copies both in their order. */
        public Header {
            tensors = List.copyOf(tensors);
            metadata = new LinkedHashMap<>(metadata);
        }
    }

    /**
     * Reads a file's header, trusting nothing in it.
     *
     * @throws org.charlstm.CharlstmException if it cannot be read or is not what it says
     */
    public static Header readHeader(Path file) {
        return new SafetensorsReader(file).header();
    }

    /**
     * Reads a file, trusting nothing in it.
     *
     * @throws org.charlstm.CharlstmException if it cannot be read or is not what it says
     */
    public static Safetensors read(Path file) {
        return new SafetensorsReader(file).read();
    }

    /**
     * Writes tensors as float32, atomically. Equal tensors and metadata give equal bytes.
     *
     * @param tensors  in the order of the file
     * @param metadata in the order of the header
     * @throws org.charlstm.CharlstmException if it cannot be written; an old file is then untouched
     */
    public static void write(Path file, List<Tensor> tensors, Map<String, String> metadata) {
        JsonObject header = new JsonObject();
        JsonObject strings = new JsonObject();
        metadata.forEach(strings::addProperty);
        header.add(METADATA, strings);
        long end = 0;
        for (Tensor tensor : tensors) {
            long begin = end;
            end += 4L * tensor.values().length;
            JsonObject entry = new JsonObject();
            entry.addProperty("dtype", "F32");
            entry.add("shape", Json.array(tensor.shape()));
            entry.add("data_offsets", Json.array(List.of(begin, end)));
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
