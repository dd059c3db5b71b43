package org.charlstm.device;

import org.charlstm.CharlstmException;

/** Something that no memory of the device can hold, however much of it were free. */
public final class TooLargeException extends CharlstmException {
    private static final long serialVersionUID = 1;

    /**
     * A refusal.
     *
     * @param message one line: what is too large, and what to do
     */
    public TooLargeException(String message) {
        super(message);
    }
}
