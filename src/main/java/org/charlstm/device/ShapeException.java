package org.charlstm.device;

import org.charlstm.CharlstmException;

/** What was asked for by name does not serve such a shape, by a limit of its own; others do. */
public final class ShapeException extends CharlstmException {
    private static final long serialVersionUID = 1;

    /**
     * A limit.
     *
     * @param message one line: what, where, what to do
     */
    public ShapeException(String message) {
        super(message);
    }
}
