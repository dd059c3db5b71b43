package org.charlstm.device.spi;

import org.charlstm.CharlstmException;

/** A shape beyond the limits of the engine that was asked for by name; other engines serve it. */
public final class ShapeException extends CharlstmException {
    private static final long serialVersionUID = 1;

    /** A limit, in one line: what, where, what to do. */
    public ShapeException(String message) {
        super(message);
    }
}
