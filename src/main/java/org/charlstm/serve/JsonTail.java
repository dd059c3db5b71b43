package org.charlstm.serve;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.charlstm.io.Json;
import org.charlstm.io.RegularFile;
import org.jspecify.annotations.Nullable;

/**
 * Follows a file of JSON objects, one a line, to which a run appends. A line counts once it is complete; one that holds
 * no object is skipped. Not thread-safe.
 */
final class JsonTail {
    /** Far more than a run writes; the rest of a longer file is not read. */
    private static final long MAX_BYTES = 64_000_000;
    private static final int MAX_VALUES = 10_000;
    /** Bytes before the end of what was read that identify the file: no two epochs have the same figures. */
    private static final int MARK = 1024;

    private final Path file;
    private final UnaryOperator<JsonObject> reading;
    private final List<String> lines = new ArrayList<>();
    private long read;
    private byte[] mark = {};
    private @Nullable FileVersion known;
    private int generation;

    /**
     * @param file    need not exist yet
     * @param reading selects what is kept of a line; throws IllegalStateException for a line to skip
     */
    JsonTail(Path file, UnaryOperator<JsonObject> reading) {
        this.file = file;
        this.reading = reading;
    }

    /** Reads what was appended and returns all lines; as text, since a long run has many. */
    List<String> refresh() {
        try {
            FileVersion now = FileVersion.of(file);
            if (now.equals(known)) {
                return lines;
            }
            try (FileChannel channel = RegularFile.open(file)) {
                // Another file may have taken its name, and even the number of the deleted one.
                if (!Arrays.equals(mark, bytes(channel, read - mark.length, read))) {
                    forget();
                }
                append(bytes(channel, read, Math.min(now.size(), MAX_BYTES)));
            }
            known = now;
        } catch (NoSuchFileException e) {
            forget();
        } catch (IOException e) {
            System.getLogger(JsonTail.class.getName()).log(System.Logger.Level.DEBUG, "cannot read " + file, e);
        }
        return lines;
    }

    /** How often another file has replaced the one that was read. */
    int generation() {
        return generation;
    }

    private void forget() {
        generation += read > 0 ? 1 : 0;
        lines.clear();
        read = 0;
        mark = new byte[0];
        known = null;
    }

    /** The bytes between two positions, or fewer where the file ends before. */
    private static byte[] bytes(FileChannel channel, long from, long to) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.max(0, to - from));
        int count = 0;
        while (buffer.hasRemaining() && count >= 0) {
            count = channel.read(buffer, from + buffer.position());
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private void append(byte[] bytes) {
        int whole = bytes.length;
        while (whole > 0 && bytes[whole - 1] != '\n') {
            whole--;
        }
        if (whole == 0) {
            return;
        }
        read += whole;
        mark = Arrays.copyOfRange(bytes, Math.max(0, whole - MARK), whole);
        new String(bytes, 0, whole, StandardCharsets.UTF_8).lines().forEach(line -> {
            try {
                lines.add(Json.compact(reading.apply(Json.parse(line, MAX_VALUES))));
            } catch (JsonParseException | IllegalStateException e) {
                System.getLogger(JsonTail.class.getName()).log(System.Logger.Level.DEBUG, file + " has " + line, e);
            }
        });
    }
}
