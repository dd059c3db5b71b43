package org.charlstm.serve;

import module java.base;
import org.jspecify.annotations.Nullable;

/** The attributes of a file that show whether it has changed since they were read. */
record FileVersion(long size, FileTime modified, @Nullable Object key) {
    static FileVersion of(Path file) throws IOException {
        BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
        return new FileVersion(is.size(), is.lastModifiedTime(), is.fileKey());
    }

    /**
     * The version of a file in a run's folder, where others may create links; fails if a link leads out of the folder.
     */
    static FileVersion inFolder(Path file) throws IOException {
        if (leadsOut(file)) {
            throw new FileSystemException(file.toString(), null, "it is a link that leads out of its folder");
        }
        return of(file);
    }

    /** Whether a file is a link to a file outside its folder. Fails if the link is broken. */
    static boolean leadsOut(Path file) throws IOException {
        if (!Files.isSymbolicLink(file)) {
            return false;
        }
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a link lies in a folder");
        return !file.toRealPath().startsWith(folder.toRealPath());
    }
}
