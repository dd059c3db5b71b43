package org.charlstm.device.spi;

import org.charlstm.CharlstmException;

/** A shape beyond the limits of an engine that was selected by name; other engines support the shape. */
public final class ShapeException extends CharlstmException {
    private static final long serialVersionUID = 1;

    /** Takes one line: the limit, where it applies, and a remedy. */
    public ShapeException(String message) {
        super(message);
    }
}
