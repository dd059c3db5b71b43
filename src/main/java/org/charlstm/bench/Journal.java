package org.charlstm.bench;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.io.AtomicFile;
import org.charlstm.io.Json;
import org.charlstm.io.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Every measurement of an experiment, written as soon as it is made: a line for what the experiment is, then a line a
 * measurement. A line that a kill left half-written is taken away when the experiment goes on.
 */
final class Journal implements AutoCloseable {
    /** The file in an experiment's folder. */
    static final String NAME = "journal.jsonl";

    private final Path file;
    private final FileChannel channel;
    private final Begin begin;
    private final List<Entry> entries;

    /**
     * All that makes two measurements parts of one experiment.
     *
     * @param charlstm       which build
     * @param machine        hardware and software
     * @param text           the captions
     * @param protocol       how each configuration is measured
     * @param devices        the devices as they are set up
     * @param configurations the grid
     */
    record Header(Build charlstm, JsonObject machine, TextSummary text, Grid.Protocol protocol,
            List<DeviceSetup.Summary> devices, List<Configuration> configurations) {
    }

    /** What the experiment is, when it began and by which command line. */
    record Begin(String started, List<String> command, Header header) {
    }

    /** One measurement of the configuration of a number, and when it ended. */
    record Entry(int configuration, int repeat, String ended, Measurement measurement) {
    }

    /** What a file holds; without a beginning, null, it is no experiment. */
    private record Content(@Nullable Begin begin, List<Entry> entries, long bytes) {
    }

    private Journal(Path file, FileChannel channel, Begin begin, Content content) {
        this.file = file;
        this.channel = channel;
        this.begin = begin;
        entries = new ArrayList<>(content.entries);
    }

    /**
     * Begins an experiment in a folder, or goes on with the one that is there.
     *
     * @param folder the experiment's folder
     * @param begin  what it is
     * @param force  whether another experiment's journal may be replaced
     * @throws CharlstmException if there is another, one is being written by another process, or it cannot be written
     */
    static Journal open(Path folder, Begin begin, boolean force) {
        Path file = folder.resolve(NAME);
        try {
            if (!Files.exists(file)) {
                AtomicFile.write(file, line(Json.of(begin)));
            }
            FileChannel channel = locked(file);
            try {
                Content content = read(file);
                List<String> differences = content.begin == null ? List.of("there is no experiment in it")
                        : Differences.between(Json.of(content.begin.header), Json.of(begin.header));
                if (!differences.isEmpty() && force) {
                    channel.close();
                    AtomicFile.write(file, line(Json.of(begin)));
                    channel = locked(file);
                    content = read(file);
                } else if (!differences.isEmpty()) {
                    throw new CharlstmException(file + " is of another experiment: " + String.join("; ", differences)
                            + "; name another folder with --out, or start anew with --force");
                }
                channel.truncate(content.bytes);
                channel.position(content.bytes);
                return new Journal(file, channel, content.begin == null ? begin : content.begin, content);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be written: " + Reason.of(e), e);
        }
    }

    private static FileChannel locked(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new CharlstmException(file + " is being written by another charlstm bench; wait for it, or name "
                    + "another folder with --out");
        }
        return channel;
    }

    /** All whole lines; without a first, there is nothing. */
    private static Content read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        Begin begin = null;
        List<Entry> entries = new ArrayList<>();
        int number = 0;
        for (String line : new String(bytes, 0, end, StandardCharsets.UTF_8).lines().toList()) {
            number++;
            try {
                if (number == 1) {
                    begin = Json.as(JsonParser.parseString(line), Begin.class);
                } else {
                    Entry entry = Json.as(JsonParser.parseString(line), Entry.class);
                    if (entry.measurement == null || entry.measurement.status() == null) {
                        throw new JsonParseException("no measurement");
                    }
                    entries.add(entry);
                }
            } catch (JsonParseException e) {
                throw new CharlstmException(file + ", line " + number + " is damaged; start anew with --force", e);
            }
        }
        return new Content(begin == null || begin.header == null ? null : begin, entries, end);
    }

    private static byte[] line(JsonObject json) {
        return (Json.compact(json) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Adds a measurement; when this returns it is on disk. */
    void add(Entry entry) {
        try {
            AtomicFile.writeFully(channel, ByteBuffer.wrap(line(Json.of(entry))));
            channel.force(false);
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be written: " + Reason.of(e), e);
        }
        entries.add(entry);
    }

    Begin begin() {
        return begin;
    }

    List<Entry> entries() {
        return List.copyOf(entries);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be closed: " + Reason.of(e), e);
        }
    }
}
