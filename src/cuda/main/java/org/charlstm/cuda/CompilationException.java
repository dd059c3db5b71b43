package org.charlstm.cuda;

import org.charlstm.CharlstmException;

/**
 * Source text that does not compile or link. The message quotes the log's first error; {@link #log} has the whole log.
 */
public final class CompilationException extends CharlstmException {
    private static final long serialVersionUID = 1;

    private final String log;

    /**
     * For bindings: a failed compilation of the named text, with the compiler's status and its log, which may be empty.
     */
    public CompilationException(String name, CudaException failure, String log) {
        this(failure, log, "cannot compile " + name);
    }

    private CompilationException(CudaException failure, String log, String what) {
        super(what + ": " + log.lines().filter(line -> line.contains("error")).findFirst()
                .map(line -> line.strip() + (failure.hasHint() ? "; " + failure.getMessage() : ""))
                .orElse(failure.getMessage()), failure);
        this.log = log;
    }

    /** For bindings: a failed link of the named texts, with the driver's status and its log. */
    public static CompilationException ofLink(String names, CudaException failure, String log) {
        return new CompilationException(failure, log, "cannot link " + names);
    }

    private CompilationException(CompilationException before, String advice) {
        super(before.getMessage() + advice, before.getCause());
        log = before.log;
    }

    /** For bindings: the same failure with advice at the end of the message. */
    public CompilationException with(String advice) {
        return advice.isEmpty() ? this : new CompilationException(this, advice);
    }

    /** The compiler's log, of many lines or empty. */
    public String log() {
        return log;
    }
}
