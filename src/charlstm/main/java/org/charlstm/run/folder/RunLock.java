package org.charlstm.run.folder;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.AppendedFile;
import org.jspecify.annotations.Nullable;

/**
 * Reserves a run's folder for one process by a locked file that contains the process's number. The system releases the
 * lock when the process ends. While a process holds the lock, it does not open the file again: with POSIX locks,
 * closing any descriptor of a file releases all of the process's locks on the file.
 */
final class RunLock implements AutoCloseable {
    private static final String NAME = ".lock";
    /** The position of the locked byte, beyond the content, which mandatory locks would make unreadable. */
    private static final long OWNED = Long.MAX_VALUE - 1;
    /** A second byte that the owner locks. Readers try only this byte, and never keep an owner from {@link #OWNED}. */
    static final long SHOWN = OWNED - 1;
    /** The number of attempts to lock {@link #SHOWN}; a reader holds it only briefly. */
    private static final int TURNS = 20;
    private static final long PAUSE_MILLIS = 50;
    /** Stands for a file's key if the file system has no keys. */
    private static final Object UNNUMBERED = new Object();
    private static final int DIGITS = 20;
    /** The files that this process has locked. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();
    /** Monitors for access to files. There are several, since the access to one folder may block. */
    private static final List<Object> MONITORS = Stream.generate(Object::new).limit(64).toList();

    private final Path file;
    private final FileChannel channel;
    private final @Nullable Object number;

    private RunLock(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        number = number(file);
    }

    /** Locks a folder. */
    static RunLock of(Path folder) throws IOException {
        Path file = folder.toRealPath().resolve(NAME);
        synchronized (monitor(file)) {
            if (HELD.contains(file)) {
                throw taken(folder, Long.toString(ProcessHandle.current().pid()));
            }
            RunLock taken = new RunLock(file, locked(folder, file));
            HELD.add(file);
            return taken;
        }
    }

    private static Object monitor(Path file) {
        return MONITORS.get(Math.floorMod(file.hashCode(), MONITORS.size()));
    }

    /** Whether a process has locked a folder. A killed process may leave the file, but not the lock. */
    static boolean isHeld(Path folder) throws IOException {
        Path file = folder.toRealPath().resolve(NAME);
        synchronized (monitor(file)) {
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
                if (lock(channel, OWNED, false) == null) {
                    throw taken(folder, owner(file));
                }
                // The previous owner may have deleted the file between our opening and locking it.
                if (opened != null && Objects.equals(opened, number(file))) {
                    channel.truncate(0);
                    channel.write(ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid())
                            .getBytes(StandardCharsets.US_ASCII)), 0);
                    // Drop an old request, which was not for this run. Other processes see the run only afterwards.
                    StopRequest.take(folder);
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
     * Shows other processes that the folder is locked. If a reader was suspended while it holds the byte, the run does
     * not wait for it: other processes then do not see the run, but still cannot lock the folder.
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

    private static @Nullable FileLock lock(FileChannel channel, long position, boolean shared) throws IOException {
        try {
            return channel.tryLock(position, 1, shared);
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static CharlstmException taken(Path folder, String owner) {
        return new CharlstmException(folder + " is being trained by process " + owner
                + "; wait for it, end it, or name another folder");
    }

    /** A key that identifies the file; another file of the same name has another key. Null if there is no file. */
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

    /** Whether the folder still has the locked file. If the folder was moved, another run may have its name. */
    boolean isThere() throws IOException {
        return number != null && number.equals(number(file));
    }

    /** Unlocks the folder. The lock file of another process stays. */
    @Override
    public void close() throws IOException {
        synchronized (monitor(file)) {
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
