package org.charlstm.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.charlstm.CharlstmException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a run's folder to one process: a file in it that is locked as long as the process lives, whatever ends it, and
 * that says which process it is.
 */
final class RunLock implements AutoCloseable {
    private static final String NAME = ".lock";
    /** Beyond what the file holds, so that others can read that where locks keep them from what is locked. */
    private static final long PLACE = Long.MAX_VALUE - 1;

    private final Path file;
    private final FileChannel channel;

    private RunLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes a folder.
     *
     * @throws CharlstmException if another process has it
     * @throws IOException       if it cannot be written to
     */
    static RunLock of(Path folder) throws IOException {
        Path file = folder.resolve(NAME);
        String self = Long.toString(ProcessHandle.current().pid());
        while (true) {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
            try {
                if (lock(channel) == null) {
                    throw new CharlstmException(folder + " is being trained by process " + owner(file)
                            + "; wait for it, end it, or name another folder");
                }
                channel.truncate(0);
                channel.write(ByteBuffer.wrap(self.getBytes(StandardCharsets.US_ASCII)), 0);
                // Who had it before may have deleted it between our opening and our locking it.
                if (self.equals(owner(file))) {
                    return new RunLock(file, channel);
                }
                channel.close();
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock(PLACE, 1, false);
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String owner(Path file) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).replaceAll("[^0-9]", "");
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    /** Lets others have the folder. */
    @Override
    public void close() throws IOException {
        try (channel) {
            Files.deleteIfExists(file);
        }
    }
}
