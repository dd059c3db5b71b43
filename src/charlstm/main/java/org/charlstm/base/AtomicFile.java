package org.charlstm.base;

import module java.base;
import org.charlstm.CharlstmException;

/**
 * Writes files atomically: a kill at any instant leaves the whole old file or the whole new file. A link is replaced,
 * not followed, because links in a folder from elsewhere may lead anywhere. {@link RegularFile#target} follows links.
 */
public final class AtomicFile {
    private static final SecureRandom RANDOM = new SecureRandom();

    public interface Content {
        /** Writes everything to an empty file. */
        void write(FileChannel channel) throws IOException;
    }

    /** Replaces a file's content with bytes, as {@link #write(Path, Content)} does. */
    public static void write(Path file, byte[] bytes) {
        write(file, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
    }

    /** Writes all remaining bytes of a buffer; {@code channel.write} alone may write only a part. */
    public static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Replaces a file: writes a temporary file beside it, syncs, renames, and syncs the folder. */
    public static void write(Path file, Content content) {
        try {
            replace(file, content);
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be written: " + IoFailure.of(e), e);
        }
    }

    private static void replace(Path file, Content content) throws IOException {
        Path target = file.toAbsolutePath();
        Path folder = target.getParent();
        if (folder == null) {
            throw new FileSystemException(target.toString(), null, "Is a directory");
        }
        RegularFile.requireFile(target);
        // An unpredictable name and CREATE_NEW: nobody else's file or link is opened.
        Path temporary = folder.resolve("." + target.getFileName() + "-"
                + Long.toUnsignedString(RANDOM.nextLong(), Character.MAX_RADIX) + ".tmp");
        try {
            FileChannel opened = FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
            try {
                try (FileChannel channel = opened) {
                    content.write(channel);
                    channel.force(true);
                }
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (FileSystemException e) {
            throw temporary.toString().equals(e.getFile()) ? withoutTemporary(e, folder) : e;
        }
        sync(folder);
    }

    /** The failure to create or rename a temporary file, naming the folder, as the user does not know the file. */
    public static FileSystemException withoutTemporary(FileSystemException e, Path folder) {
        return switch (e) {
            case NoSuchFileException _ -> new NoSuchFileException(folder.toString());
            case AccessDeniedException _ -> new AccessDeniedException(folder.toString());
            default ->
                new FileSystemException(null, null, Objects.requireNonNullElse(e.getReason(), "no reason given"));
        };
    }

    /** Syncs a folder to disk, including the names of files created or renamed in it. */
    public static void sync(Path folder) throws IOException {
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException e) {
            // Windows cannot open a folder.
            if (!System.getProperty("os.name").startsWith("Windows")) {
                throw e;
            }
        }
    }
}
