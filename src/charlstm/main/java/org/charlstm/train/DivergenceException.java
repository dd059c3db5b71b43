package org.charlstm.train;

import org.charlstm.CharlstmException;

/** Training diverged: the loss is NaN or infinite, or far above that of a model that knows nothing. */
public final class DivergenceException extends CharlstmException {
    private static final long serialVersionUID = 1;

    private final String what;

    /** A divergence: where, and what was seen. */
    public DivergenceException(String what) {
        super(what + "; try a lower learning rate");
        this.what = what;
    }

    /** Where training diverged and what was seen: the message without its advice. */
    public String what() {
        return what;
    }
}
