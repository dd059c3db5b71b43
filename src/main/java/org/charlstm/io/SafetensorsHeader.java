package org.charlstm.io;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a safetensors file says of its tensors, without their values.
 *
 * @param tensors  in the order of the header
 * @param metadata the header's strings by key
 */
public record SafetensorsHeader(List<Entry> tensors, Map<String, String> metadata) {
    /**
     * A tensor.
     *
     * @param dtype its type as the file names it, which may be one that {@link Safetensors#read} refuses
     */
    public record Entry(String name, String dtype, List<Integer> shape) {
    }

    /** Keeps the order of both. */
    public SafetensorsHeader {
        tensors = List.copyOf(tensors);
        metadata = new LinkedHashMap<>(metadata);
    }

    /**
     * Reads a file's header, trusting nothing in it.
     *
     * @throws org.charlstm.CharlstmException if it cannot be read or is not what it says
     */
    public static SafetensorsHeader read(Path file) {
        return new SafetensorsReader(file).header();
    }
}
