package org.charlstm.train;

import org.charlstm.CharlstmException;
import org.jspecify.annotations.Nullable;

/** Training that leads nowhere: a loss that is no number, or far above that of a model that knows nothing. */
public final class DivergenceException extends CharlstmException {
    private static final long serialVersionUID = 1;

    /**
     * A divergence.
     *
     * @param message one line: what, where, what to do
     * @param cause   what was caught; null for none
     */
    public DivergenceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
