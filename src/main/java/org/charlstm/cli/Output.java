package org.charlstm.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import org.charlstm.io.IoFailure;
import org.jspecify.annotations.Nullable;

/** Standard output that remembers why it could not be written, which a print stream alone does not. */
final class Output extends FileOutputStream {
    /** What the system says when the reader has gone away, as {@code head} does: no failure of ours. */
    private static final String READER_GONE = "Broken pipe";

    private @Nullable String failure;

    Output() {
        super(FileDescriptor.out);
    }

    /** Why something could not be written, or null. */
    @Nullable
    String failure() {
        return READER_GONE.equals(failure) ? null : failure;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        try {
            super.write(bytes, from, length);
        } catch (IOException e) {
            failure = IoFailure.of(e);
            throw e;
        }
    }
}
