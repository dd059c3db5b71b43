package org.charlstm.bench;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.AppendedFile;
import org.charlstm.base.AtomicFile;
import org.charlstm.base.IoFailure;
import org.charlstm.base.Json;
import org.charlstm.base.Refuse;
import org.charlstm.base.UntrustedJson;
import org.jspecify.annotations.Nullable;

/**
 * An experiment's description on the first line, then one measurement per line. Half a line left by a kill is dropped.
 */
final class Journal implements AutoCloseable {
    static final String NAME = "journal.jsonl";
    private static final String DAMAGED = " is damaged";
    private static final String ANEW = "start anew with --force";
    /** A limit far above the number of values that describe any grid. */
    private static final int MAX_VALUES = 10_000_000;

    private final Path file;
    private final FileChannel channel;
    private final Begin begin;
    private final List<Entry> entries;

    /** The description of an experiment, shared by all its measurements; a null part stands for the whole grid. */
    record Header(Build charlstm, JsonObject machine, TextSource.Summary text, Grid.Protocol protocol,
            List<DeviceSetup.Summary> devices, List<Configuration> configurations, Grid.@Nullable Part part) {
        void require() {
            FileChecks.present("charlstm", charlstm);
            FileChecks.present("machine", machine);
            FileChecks.present("text", text);
            FileChecks.present("protocol", protocol);
            FileChecks.whole("devices", devices);
            FileChecks.whole("configurations", configurations).forEach(Configuration::require);
            if (part != null) {
                part.require(configurations);
            }
        }
    }

    record Begin(String started, List<String> command, Header header) {
        private static Begin of(JsonObject line) {
            Begin begin = Json.as(line, Begin.class);
            FileChecks.present("started", begin.started);
            FileChecks.whole("command", begin.command);
            FileChecks.present("header", begin.header).require();
            return begin;
        }
    }

    /** A measurement of the configuration at an index. */
    record Entry(int configuration, int repeat, String ended, Measurement measurement) {
        private static Entry of(JsonObject line, Header header) {
            Entry entry = Json.as(line, Entry.class);
            UntrustedJson.require(entry.configuration >= 0 && entry.configuration < header.configurations.size(),
                    "configuration is " + entry.configuration + " of " + header.configurations.size());
            UntrustedJson.require(entry.repeat >= 0 && entry.repeat < header.protocol.repeats(),
                    "repeat is " + entry.repeat + " of " + header.protocol.repeats());
            FileChecks.present("ended", entry.ended);
            Measurement.require(entry.measurement);
            return entry;
        }
    }

    /** A file's content, and the length of its whole lines in bytes. */
    private record Content(Begin begin, List<Entry> entries, long bytes) {
    }

    private Journal(Path file, FileChannel channel, Content content) throws IOException {
        this.file = file;
        // Drops half a line that a kill has left.
        this.channel = channel.truncate(content.bytes).position(content.bytes);
        begin = content.begin;
        entries = new ArrayList<>(content.entries);
    }

    /**
     * Begins an experiment in a folder, or resumes it. With {@code force}, it may replace another experiment's journal.
     */
    static Journal open(Path folder, Begin begin, boolean force) {
        Path file = folder.resolve(NAME);
        try {
            if (!Files.exists(file) || (force && Files.isSymbolicLink(file))) {
                AtomicFile.write(file, line(begin));
            }
            FileChannel channel = locked(file);
            try {
                Content content;
                try {
                    content = read(file);
                    requireSame(file, content, begin);
                } catch (CharlstmException e) {
                    if (!force) {
                        throw e;
                    }
                    channel.close();
                    AtomicFile.write(file, line(begin));
                    channel = locked(file);
                    content = new Content(begin, List.of(), channel.size());
                }
                return new Journal(file, channel, content);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be written: " + IoFailure.of(e), e);
        }
    }

    private static void requireSame(Path file, Content content, Begin begin) {
        List<String> differences = JsonDifferences.between(Json.of(content.begin.header), Json.of(begin.header));
        Refuse.inputIf(!differences.isEmpty(),
                file + " is of another experiment: " + String.join("; ", differences) + "; name another folder with "
                        + "--out, or start anew with --force");
    }

    private static FileChannel locked(Path file) throws IOException {
        FileChannel channel = AppendedFile.open(file, StandardOpenOption.WRITE);
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

    private static Content read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Begin begin = null;
        List<Entry> entries = new ArrayList<>();
        int number = 0;
        int from = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '\n') {
                continue;
            }
            number++;
            try {
                String line = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, i - from))
                        .toString();
                Begin known = begin;
                begin = UntrustedJson.read(file + ", line " + number + DAMAGED, ANEW, () -> {
                    JsonObject json = Json.parse(line, MAX_VALUES);
                    if (known == null) {
                        return Begin.of(json);
                    }
                    entries.add(Entry.of(json, known.header));
                    return known;
                });
            } catch (CharacterCodingException e) {
                throw new CharlstmException(file + ", line " + number + DAMAGED + ": " + IoFailure.of(e) + "; " + ANEW,
                        e);
            }
            from = i + 1;
        }
        if (begin == null) {
            throw new CharlstmException(file + " holds no experiment; name another folder with --out, or start anew "
                    + "with --force");
        }
        return new Content(begin, entries, from);
    }

    private static byte[] line(Record record) {
        return (Json.compact(Json.of(record)) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Adds a measurement, which is on disk when the method returns. */
    void add(Entry entry) {
        try {
            AtomicFile.writeFully(channel, ByteBuffer.wrap(line(entry)));
            channel.force(false);
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be written: " + IoFailure.of(e), e);
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
            throw new CharlstmException(file + " cannot be closed: " + IoFailure.of(e), e);
        }
    }
}
