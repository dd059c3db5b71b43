package org.charlstm.serve;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.charlstm.io.Json;
import org.charlstm.io.Place;
import org.jspecify.annotations.Nullable;

/**
 * A file of JSON objects, a line each, to which a run adds. A line counts once it is whole; one that is no object is
 * left out, for nothing here depends on it. Not for several threads at once.
 */
final class JsonTail {
    /** Far more than a run writes; of a longer file the beginning is shown. */
    private static final long MAX_BYTES = 64_000_000;
    private static final int MAX_VALUES = 10_000;

    private final Path file;
    private final UnaryOperator<JsonObject> reading;
    private final List<JsonObject> lines = new ArrayList<>();
    private long read;
    private @Nullable Object identity;
    private int generation;

    /**
     * Reads nothing yet.
     *
     * @param file    need not be there
     * @param reading takes what is wanted of a line; throws IllegalStateException where it cannot
     */
    JsonTail(Path file, UnaryOperator<JsonObject> reading) {
        this.file = file;
        this.reading = reading;
    }

    /** The lines so far, read on. */
    List<JsonObject> refresh() {
        try {
            BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
            if (is.size() < read || !Objects.equals(is.fileKey(), identity)) {
                forget();
                identity = is.fileKey();
            }
            if (is.size() > read) {
                readOn(Math.min(is.size(), MAX_BYTES));
            }
        } catch (NoSuchFileException e) {
            forget();
        } catch (IOException e) {
            System.getLogger(JsonTail.class.getName()).log(System.Logger.Level.DEBUG, "cannot read " + file, e);
        }
        return lines;
    }

    /** How often the file was replaced by another, so that nothing of it holds any more. */
    int generation() {
        return generation;
    }

    private void forget() {
        generation += read > 0 ? 1 : 0;
        lines.clear();
        read = 0;
    }

    private void readOn(long end) throws IOException {
        byte[] bytes;
        try (FileChannel channel = Place.open(file)) {
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.max(0, end - read));
            int count = 0;
            while (buffer.hasRemaining() && count >= 0) {
                count = channel.read(buffer, read + buffer.position());
            }
            bytes = Arrays.copyOf(buffer.array(), buffer.position());
        }
        int whole = bytes.length;
        while (whole > 0 && bytes[whole - 1] != '\n') {
            whole--;
        }
        read += whole;
        new String(bytes, 0, whole, StandardCharsets.UTF_8).lines().forEach(line -> {
            try {
                lines.add(reading.apply(Json.parse(line, MAX_VALUES)));
            } catch (JsonParseException | IllegalStateException e) {
                System.getLogger(JsonTail.class.getName()).log(System.Logger.Level.DEBUG, file + " has " + line, e);
            }
        });
    }
}
