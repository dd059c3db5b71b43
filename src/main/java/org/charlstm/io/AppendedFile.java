package org.charlstm.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.charlstm.CharlstmException;

/** Files that grow. What is added cannot replace a link, as {@link AtomicFile} does, so that a link is refused. */
public final class AppendedFile {
    private AppendedFile() {
    }

    /**
     * Adds to the end of a file, which is made if it is missing; when this returns it is on disk.
     *
     * @throws CharlstmException if it is a link or no file, or cannot be written
     */
    public static void append(Path file, byte[] bytes) {
        try (FileChannel channel = open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            AtomicFile.writeFully(channel, ByteBuffer.wrap(bytes));
            channel.force(false);
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be written: " + Reason.of(e), e);
        }
    }

    /**
     * Opens a file, but through no link.
     *
     * @return the file, open
     * @throws IOException if it is a link or no file, or cannot be opened
     */
    public static FileChannel open(Path file, OpenOption... options) throws IOException {
        if (Files.isSymbolicLink(file)) {
            throw new FileSystemException(null, null, "it is a link, and nothing is added through one; "
                    + "remove it, or put the file itself in its place");
        }
        Place.requireFile(file);
        List<OpenOption> all = new ArrayList<>(List.of(options));
        // One that is laid there just now is not followed either.
        all.add(LinkOption.NOFOLLOW_LINKS);
        return FileChannel.open(file, all.toArray(OpenOption[]::new));
    }
}
