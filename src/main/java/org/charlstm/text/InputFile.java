package org.charlstm.text;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file that text is read from, or standard input.
 *
 * @param path the file, or null for standard input
 */
record InputFile(@Nullable Path path) {
    String name() {
        return path == null ? TextInput.STANDARD_INPUT_NAME : path.toString();
    }

    /** How many bytes it has, or 0 where nobody knows. */
    long size() throws IOException {
        return path != null && Files.isRegularFile(path) ? Files.size(path) : 0;
    }

    /** Whether it can be read more than once. */
    boolean stays() {
        return path != null && Files.isRegularFile(path);
    }

    /** Its bytes; standard input stays open when they are closed. */
    InputStream open() throws IOException {
        return path == null ? new Unclosed(System.in) : Files.newInputStream(path);
    }

    /** A stream of somebody else's. */
    private static final class Unclosed extends FilterInputStream {
        Unclosed(InputStream in) {
            super(in);
        }

        @Override
        public void close() {
            // Whoever has it may read on.
        }
    }
}
