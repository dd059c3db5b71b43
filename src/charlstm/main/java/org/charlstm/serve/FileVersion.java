package org.charlstm.serve;

import module java.base;
import org.jspecify.annotations.Nullable;

/** The attributes of a file that show whether it changed since they were read. */
record FileVersion(long size, FileTime modified, @Nullable Object key) {
    static FileVersion of(Path file) throws IOException {
        BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
        return new FileVersion(is.size(), is.lastModifiedTime(), is.fileKey());
    }
}
