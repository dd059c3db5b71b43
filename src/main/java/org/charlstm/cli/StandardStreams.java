package org.charlstm.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.charlstm.io.IoFailure;
import org.jspecify.annotations.Nullable;

/** Standard output and standard error of this process. */
final class StandardStreams {
    private StandardStreams() {
    }

    /** Standard output that remembers why it could not be written, which a print stream alone does not. */
    static final class Output extends FileOutputStream {
        /** The system's word where the reader has gone away, as {@code head} does: no failure of ours. */
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

    /**
     * Undoes the launcher's detour of standard error. The JVM prints a notice about its incubator modules before any
     * Java code runs, so the launcher starts it with a filter on descriptor 2 and the true standard error on another
     * descriptor; from here on the program writes to the true one again.
     */
    @SuppressWarnings("restricted")
    static void restoreError() {
        Integer saved = Integer.getInteger("charlstm.stderr");
        if (saved == null) {
            return;
        }
        Linker linker = Linker.nativeLinker();
        MethodHandle dup2 = linker.downcallHandle(linker.defaultLookup().findOrThrow("dup2"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            int result = (int) dup2.invokeExact((int) saved, 2);
            if (result != 2) {
                System.err.println("charlstm: standard error stays behind the launcher's filter");
            }
        } catch (Throwable e) {
            throw new IllegalStateException("dup2 cannot be called", e);
        }
    }
}
