package org.charlstm.cuda;

import org.charlstm.CharlstmException;

/** A text that the compiler did not take: its message has the log's first error, the whole log is beside it. */
public final class CompilationException extends CharlstmException {
    private static final long serialVersionUID = 1;

    /** As the compiler wrote it, of many lines or empty. */
    private final String log;

    /** A failure. */
    public CompilationException(String name, CudaException failure, String log) {
        super("cannot compile " + name + ": " + firstError(log) + failure.getMessage(), failure);
        this.log = log;
    }

    private static String firstError(String log) {
        return log.lines().filter(line -> line.contains("error")).findFirst().map(line -> line.strip() + "; ")
                .orElse("");
    }

    /**
     * The compiler's log.
     *
     * @return its lines, or empty
     */
    public String log() {
        return log;
    }
}
