package org.charlstm.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import org.charlstm.CharlstmException;

/**
 * Writes files so that a kill at any instant leaves the old file or the new one, whole. A link in a file's place is
 * replaced, not written through: folders come from elsewhere, and links in them lead anywhere. Who means what a link
 * leads to says so by {@link Place#named}.
 */
public final class AtomicFile {
    private static final SecureRandom RANDOM = new SecureRandom();

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
     * @param file    the file; a link itself is replaced
     * @throws IOException if it cannot be written, or is a folder, a device, a pipe or a socket; what is there is then
     *                     untouched
     */
    public static void write(Path file, Content content) throws IOException {
        Path target = file.toAbsolutePath();
        Path folder = target.getParent();
        if (folder == null) {
            throw new FileSystemException(target.toString(), null, "Is a directory");
        }
        Place.requireFile(target);
        // A name that nobody can foresee, and a file that is new: what others lay there is neither followed nor taken.
        Path temporary = folder.resolve("." + target.getFileName() + "-"
                + Long.toUnsignedString(RANDOM.nextLong(), Character.MAX_RADIX) + ".tmp");
        FileChannel opened;
        try {
            opened = FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        } catch (NoSuchFileException e) {
            // It is the folder that is missing, of which people know the name.
            throw new NoSuchFileException(folder.toString());
        }
        try {
            try (FileChannel channel = opened) {
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
