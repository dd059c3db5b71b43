package org.charlstm.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.io.AppendedFile;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a run's folder to one process: a file in it that is locked as long as the process lives, whatever ends it, and
 * that says which process it is. While it is held the file is not opened again: closing any descriptor of a file gives
 * up all locks that a process has on it, where locks are POSIX'.
 */
final class RunLock implements AutoCloseable {
    private static final String NAME = ".lock";
    /** Beyond what the file holds, so that others can read that where locks keep them from what is locked. */
    private static final long PLACE = Long.MAX_VALUE - 1;
    /** Locked besides by who has that: others try this one alone, so that none is refused while they look. */
    static final long SHOWN = PLACE - 1;
    /** How often it is tried to lock that, and what passes in between: who looks does so for far less. */
    private static final int TURNS = 20;
    private static final long PAUSE_MILLIS = 50;
    /** Stands for a file on a file system that numbers none. */
    private static final Object UNNUMBERED = new Object();
    private static final int DIGITS = 20;
    /** Those of this process. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();
    /** One's monitor is held by who takes a file, or looks: a folder that does not answer holds up few others. */
    private static final List<Object> GATES = Stream.generate(Object::new).limit(64).toList();

    private final Path file;
    private final FileChannel channel;
    private final @Nullable Object number;

    private RunLock(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        number = number(file);
    }

    /**
     * Takes a folder.
     *
     * @throws CharlstmException if another run has it, of this process or another
     * @throws IOException       if it cannot be written to
     */
    static RunLock of(Path folder) throws IOException {
        Path file = folder.toRealPath().resolve(NAME);
        synchronized (gate(file)) {
            if (HELD.contains(file)) {
                throw taken(folder, Long.toString(ProcessHandle.current().pid()));
            }
            RunLock taken = new RunLock(file, locked(folder, file));
            HELD.add(file);
            return taken;
        }
    }

    private static Object gate(Path file) {
        return GATES.get(Math.floorMod(file.hashCode(), GATES.size()));
    }

    /** Whether a process has a folder; of one that was killed the file may still be there, but not its lock. */
    static boolean isHeld(Path folder) throws IOException {
        Path file = folder.toRealPath().resolve(NAME);
        synchronized (gate(file)) {
            if (HELD.contains(file)) {
                return true;
            }
            if (number(file) == null) {
                return false;
            }
            try (FileChannel channel = AppendedFile.open(file, StandardOpenOption.READ);
                    FileLock lock = lock(channel, SHOWN, true)) {
                return lock == null;
            } catch (NoSuchFileException e) {
                return false;
            }
        }
    }

    private static FileChannel locked(Path folder, Path file) throws IOException {
        while (true) {
            Object there = number(file);
            FileChannel channel;
            try {
                channel = AppendedFile.open(file, StandardOpenOption.WRITE,
                        there == null ? StandardOpenOption.CREATE_NEW : StandardOpenOption.WRITE);
            } catch (FileAlreadyExistsException | NoSuchFileException e) {
                continue;
            }
            try {
                Object opened = there == null ? number(file) : there;
                if (lock(channel, PLACE, false) == null) {
                    throw taken(folder, owner(file));
                }
                // Who had it before may have deleted it between our opening and our locking it.
                if (opened != null && Objects.equals(opened, number(file))) {
                    channel.truncate(0);
                    channel.write(ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid())
                            .getBytes(StandardCharsets.US_ASCII)), 0);
                    // A wish that nobody heeded was not for this run; one for this comes once others see it.
                    StopRequest.forget(folder);
                    show(channel);
                    return channel;
                }
                channel.close();
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        }
    }

    /**
     * Has others see that it is taken. One who looks may have been stopped in the midst of it, and for how long nobody
     * knows: the run is not to wait for that, and goes on unseen by other processes, which cannot take the folder.
     */
    private static void show(FileChannel channel) throws IOException {
        try {
            for (int turn = 0; turn < TURNS && lock(channel, SHOWN, false) == null; turn++) {
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static @Nullable FileLock lock(FileChannel channel, long place, boolean shared) throws IOException {
        try {
            return channel.tryLock(place, 1, shared);
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static CharlstmException taken(Path folder, String owner) {
        return new CharlstmException(folder + " is being trained by process " + owner
                + "; wait for it, end it, or name another folder");
    }

    /** What tells a file from others that have had its name; null where there is none. */
    private static @Nullable Object number(Path file) throws IOException {
        try {
            return Objects.requireNonNullElse(Files.readAttributes(file, BasicFileAttributes.class,
                    LinkOption.NOFOLLOW_LINKS).fileKey(), UNNUMBERED);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static String owner(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return new String(in.readNBytes(DIGITS), StandardCharsets.ISO_8859_1).replaceAll("[^0-9]", "");
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    /**
     * Whether the folder still has the file that is held. One that was moved leaves its name, and another run may begin
     * under that.
     */
    boolean isThere() throws IOException {
        return number != null && number.equals(number(file));
    }

    /** Lets others have the folder; a lock that is not this one's stays. */
    @Override
    public void close() throws IOException {
        synchronized (gate(file)) {
            try (channel) {
                if (isThere()) {
                    Files.deleteIfExists(file);
                }
            } finally {
                HELD.remove(file);
            }
        }
    }
}
