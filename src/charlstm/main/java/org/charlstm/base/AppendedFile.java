package org.charlstm.base;

import module java.base;
import org.charlstm.CharlstmException;

/** Appends to files. Links are refused, because appending cannot replace a link as {@link AtomicFile} does. */
public final class AppendedFile {
    /** Appends to a file, creating a missing file. The bytes are on disk when the method returns. */
    public static void append(Path file, byte[] bytes) {
        try (FileChannel channel = open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            AtomicFile.writeFully(channel, ByteBuffer.wrap(bytes));
            channel.force(false);
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be written: " + IoFailure.of(e), e);
        }
    }

    /** Opens a file, but never through a link. */
    public static FileChannel open(Path file, OpenOption... options) throws IOException {
        if (Files.isSymbolicLink(file)) {
            throw new FileSystemException(null, null, "it is a link, and nothing is added through one; "
                    + "remove it, or put the file itself in its place");
        }
        RegularFile.requireFile(file);
        List<OpenOption> all = new ArrayList<>(List.of(options));
        // Somebody may create a link just now.
        all.add(LinkOption.NOFOLLOW_LINKS);
        return FileChannel.open(file, all.toArray(OpenOption[]::new));
    }
}
