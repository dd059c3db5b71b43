package org.charlstm.base;

import module java.base;
import org.charlstm.CharlstmException;

/** Checks that a path is a regular file. Somebody else's link may redirect writing, and a pipe blocks. */
public final class RegularFile {
    /** The reason for a refusal. */
    static final String NO_FILE = "it is no regular file, but a folder, a device, a pipe or a socket";

    /** The path at which to write a file that a user names; a link that the user names is followed. */
    public static Path target(Path file) {
        try {
            Path target = Files.isSymbolicLink(file) ? file.toRealPath() : file;
            requireFile(target);
            return target;
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be written: " + IoFailure.of(e) + "; name another file", e);
        }
    }

    /** Requires a regular file, or a link to one, because reading anything else might never end. */
    public static void requireReadable(Path file) throws IOException {
        if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
            throw new FileSystemException(null, null, NO_FILE);
        }
    }

    /** Opens a regular file, or a link to one, for reading. */
    public static FileChannel open(Path file) throws IOException {
        requireReadable(file);
        return FileChannel.open(file);
    }

    /** Requires that a path is free or holds a regular file or a link. Callers replace or refuse a link. */
    static void requireFile(Path file) throws IOException {
        try {
            BasicFileAttributes there = Files.readAttributes(file, BasicFileAttributes.class,
                    LinkOption.NOFOLLOW_LINKS);
            if (!there.isRegularFile() && !there.isSymbolicLink()) {
                throw new FileSystemException(null, null, NO_FILE);
            }
        } catch (NoSuchFileException e) {
            // The path is free.
            return;
        }
    }
}
