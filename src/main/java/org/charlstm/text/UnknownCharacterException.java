package org.charlstm.text;

import org.charlstm.CharlstmException;

/** A text has a character that a vocabulary lacks. */
public final class UnknownCharacterException extends CharlstmException {
    private static final long serialVersionUID = 1;

    UnknownCharacterException(String message) {
        super(message);
    }
}
