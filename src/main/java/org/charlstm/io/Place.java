package org.charlstm.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.charlstm.CharlstmException;

/**
 * Where a file is to be: what lies there may be put by others, who would have a link lead writing elsewhere, or a pipe
 * keep it waiting.
 */
public final class Place {
    /** What a file system's reason says of all that is neither a file nor, where that is allowed, a link to one. */
    static final String NO_FILE = "it is no regular file, but a folder, a device, a pipe or a socket";

    private Place() {
    }

    /**
     * Where to write the file that a user names: the link that he names leads to the file that is meant.
     *
     * @return the name itself, or that of the regular file that the link leads to
     * @throws CharlstmException if there is something that is no regular file, or the link leads to nothing
     */
    public static Path named(Path file) {
        try {
            Path target = Files.isSymbolicLink(file) ? file.toRealPath() : file;
            requireFile(target);
            return target;
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be written: " + Reason.of(e) + "; name another file", e);
        }
    }

    /**
     * Refuses to read what is no regular file, for it might never end. A link may lead to one.
     *
     * @param file what is to be read
     * @throws IOException if it is something else or missing
     */
    public static void requireReadable(Path file) throws IOException {
        if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
            throw new FileSystemException(null, null, NO_FILE);
        }
    }

    /**
     * Opens a file to read at any of its places, which only a regular one has; a pipe would keep it waiting.
     *
     * @return it, open
     * @throws IOException if it is something else or missing, or cannot be opened
     */
    public static FileChannel open(Path file) throws IOException {
        requireReadable(file);
        return FileChannel.open(file);
    }

    /** Refuses what is neither nothing nor a regular file nor a link, which is replaced or refused later. */
    static void requireFile(Path file) throws IOException {
        try {
            BasicFileAttributes there = Files.readAttributes(file, BasicFileAttributes.class,
                    LinkOption.NOFOLLOW_LINKS);
            if (!there.isRegularFile() && !there.isSymbolicLink()) {
                throw new FileSystemException(null, null, NO_FILE);
            }
        } catch (NoSuchFileException e) {
            // Nothing is in the way.
            return;
        }
    }
}
