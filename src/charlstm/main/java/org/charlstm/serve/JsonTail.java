package org.charlstm.serve;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import module java.base;
import org.charlstm.base.Json;
import org.charlstm.base.RegularFile;
import org.jspecify.annotations.Nullable;

/** Follows a file to which a run appends JSON objects, one per line; skips other lines. Not thread-safe. */
final class JsonTail {
    /** A limit far above what a run writes; the rest of a longer file is not read. */
    private static final long MAX_BYTES = 4_000_000_000L;
    /** The number of bytes read at a time, and the greatest length of a line. */
    private static final int PART = 4 << 20;
    private static final int MAX_VALUES = 10_000;
    /** The number of last bytes read that identify the file, since no two epochs have the same figures. */
    private static final int MARK = 1024;

    interface Reading {
        /** Takes a line. Throws {@link IllegalStateException} if the line must be skipped. */
        JsonObject take(JsonObject line);

        default void forget() {
        }
    }

    private final Path file;
    private final Reading reading;
    final KeptLines lines;
    private long read;
    private byte[] mark = {};
    /** Whether the bytes read so far end within a line that is too long. */
    private boolean skipping;
    private @Nullable FileVersion known;
    private int generation;

    JsonTail(Path file, KeptLines.Store store, Reading reading) {
        this.file = file;
        this.reading = reading;
        lines = new KeptLines(store);
    }

    /** Reads the appended lines, and returns the kept lines. */
    KeptLines refresh() {
        try {
            FileVersion now = FileVersion.inFolder(file);
            if (now.equals(known)) {
                return lines;
            }
            try (FileChannel channel = RegularFile.open(file)) {
                // Another file may have the same name now, and even the deleted file's inode number.
                if (!Arrays.equals(mark, bytes(channel, read - mark.length, read))) {
                    forget();
                }
                append(channel, Math.min(now.size(), MAX_BYTES));
            }
            known = now;
        } catch (NoSuchFileException e) {
            forget();
        } catch (IOException e) {
            System.getLogger(JsonTail.class.getName()).log(System.Logger.Level.DEBUG, "cannot read " + file, e);
        }
        return lines;
    }

    /** How many times another file has replaced the file that was read. */
    int generation() {
        return generation;
    }

    private void forget() {
        generation += read > 0 ? 1 : 0;
        lines.clear();
        reading.forget();
        read = 0;
        mark = new byte[0];
        skipping = false;
        known = null;
    }

    /** The bytes between two positions, or fewer if the file ends earlier. */
    private static byte[] bytes(FileChannel channel, long from, long to) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.max(0, to - from));
        int count = 0;
        while (buffer.hasRemaining() && count >= 0) {
            count = channel.read(buffer, from + buffer.position());
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private void append(FileChannel channel, long end) throws IOException {
        while (read < end) {
            byte[] bytes = bytes(channel, read, Math.min(end, read + PART));
            int whole = bytes.length;
            while (whole > 0 && bytes[whole - 1] != '\n') {
                whole--;
            }
            if (whole == 0 && bytes.length < PART) {
                return;
            }
            boolean tooLong = whole == 0;
            whole = tooLong ? bytes.length : whole;
            if (!tooLong) {
                takeAll(bytes, skipping ? lineEnd(bytes, 0) + 1 : 0, whole);
            }
            skipping = tooLong;
            read += whole;
            mark = Arrays.copyOfRange(bytes, Math.max(0, whole - MARK), whole);
        }
    }

    private static int lineEnd(byte[] bytes, int from) {
        int at = from;
        while (bytes[at] != '\n') {
            at++;
        }
        return at;
    }

    private void takeAll(byte[] bytes, int from, int to) {
        int begin = from;
        while (begin < to) {
            int end = lineEnd(bytes, begin);
            String line = new String(bytes, begin, end - begin, StandardCharsets.UTF_8);
            begin = end + 1;
            try {
                JsonObject taken = reading.take(Json.parse(line, MAX_VALUES));
                lines.add(() -> Json.compact(taken), begin < to);
            } catch (JsonParseException | IllegalStateException e) {
                System.getLogger(JsonTail.class.getName()).log(System.Logger.Level.DEBUG, file + " has " + line, e);
            }
        }
    }
}
