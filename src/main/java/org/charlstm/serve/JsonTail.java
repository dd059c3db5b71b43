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
import org.charlstm.io.RegularFile;
import org.jspecify.annotations.Nullable;

/**
 * A file of JSON objects, a line each, to which a run adds. A line counts once it is whole; one that is no object is
 * left out, for nothing here depends on it. Not for several threads at once.
 */
final class JsonTail {
    /** Far more than a run writes; of a longer file the beginning is shown. */
    private static final long MAX_BYTES = 64_000_000;
    private static final int MAX_VALUES = 10_000;
    /** The end of what was read, by which it is known again: an epoch's figures are no other's. */
    private static final int MARK = 1024;

    private final Path file;
    private final UnaryOperator<JsonObject> reading;
    private final List<String> lines = new ArrayList<>();
    private long read;
    private byte[] mark = {};
    private @Nullable BasicFileAttributes known;
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

    /** The lines so far, read on; as text, for of a long run there are many. */
    List<String> refresh() {
        try {
            BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
            if (isKnown(is)) {
                return lines;
            }
            try (FileChannel channel = RegularFile.open(file)) {
                // Another may have come under its name, and a number of a file that is gone is given again.
                if (!Arrays.equals(mark, bytes(channel, read - mark.length, read))) {
                    forget();
                }
                readOn(bytes(channel, read, Math.min(is.size(), MAX_BYTES)));
            }
            known = is;
        } catch (NoSuchFileException e) {
            forget();
        } catch (IOException e) {
            System.getLogger(JsonTail.class.getName()).log(System.Logger.Level.DEBUG, "cannot read " + file, e);
        }
        return lines;
    }

    private boolean isKnown(BasicFileAttributes is) {
        BasicFileAttributes was = known;
        return was != null && was.size() == is.size() && was.lastModifiedTime().equals(is.lastModifiedTime())
                && Objects.equals(was.fileKey(), is.fileKey());
    }

    /** How often the file was replaced by another, so that nothing of it holds any more. */
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

    /** What is from one place to another, or less where the file ends before. */
    private static byte[] bytes(FileChannel channel, long from, long to) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.max(0, to - from));
        int count = 0;
        while (buffer.hasRemaining() && count >= 0) {
            count = channel.read(buffer, from + buffer.position());
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private void readOn(byte[] bytes) {
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
