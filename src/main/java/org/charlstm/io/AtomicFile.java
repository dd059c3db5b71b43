package org.charlstm.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.charlstm.CharlstmException;

/** Writes files so that a kill at any instant leaves the old file or the new one, whole. */
public final class AtomicFile {
    private AtomicFile() {
    }

    /** What writes the file's content. */
    public interface Content {
        /**
         * Writes everything.
         *
         * @param channel an empty file
         * @throws IOException if it cannot be written
         */
        void write(FileChannel channel) throws IOException;
    }

    /**
     * Replaces a file by bytes, as {@link #write(Path, Content)} does.
     *
     * @param file  the file
     * @param bytes all that is in it
     * @throws CharlstmException if it cannot be written; the old file is then untouched
     */
    public static void write(Path file, byte[] bytes) {
        try {
            write(file, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be written: " + Reason.of(e), e);
        }
    }

    /**
     * Writes all that is left in a buffer; a channel alone may write a part of it.
     *
     * @param channel where to
     * @param bytes   what
     * @throws IOException if it cannot be written
     */
    public static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /**
     * Replaces a file: writes beside it, syncs, renames, and syncs the folder.
     *
     * @param file    the file
     * @param content what to write
     * @throws IOException if it cannot be written; the old file is then untouched
     */
    public static void write(Path file, Content content) throws IOException {
        Path target = Files.isSymbolicLink(file) ? file.toRealPath() : file.toAbsolutePath();
        Path folder = target.getParent();
        if (folder == null) {
            throw new FileSystemException(target.toString(), null, "Is a directory");
        }
        Path temporary = folder.resolve("." + target.getFileName() + "-" + ProcessHandle.current().pid() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                content.write(channel);
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        sync(folder);
    }

    /**
     * Makes what has been renamed or made in a folder last.
     *
     * @param folder the folder
     * @throws IOException if it cannot be
     */
    public static void sync(Path folder) throws IOException {
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException e) {
            // Windows cannot open a folder; there the rename alone has to do.
            if (!System.getProperty("os.name").startsWith("Windows")) {
                throw e;
            }
        }
    }
}
