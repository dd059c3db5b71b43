package org.charlstm.text;

import org.charlstm.CharlstmException;

/** A text has a character that is not in a vocabulary. */
public final class UnknownCharacterException extends CharlstmException {
    private static final long serialVersionUID = 1;

    UnknownCharacterException(String message) {
        super(message);
    }
}
