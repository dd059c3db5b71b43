package org.charlstm.train;

import org.charlstm.CharlstmException;

/** Says that training diverged: the loss is NaN, infinite, or far above the loss of a model that predicts uniformly. */
public final class DivergenceException extends CharlstmException {
    private static final long serialVersionUID = 1;

    private final String what;

    /** An exception for a divergence; {@code what} says where it happened and what was seen. */
    public DivergenceException(String what) {
        super(what + "; try a lower learning rate");
        this.what = what;
    }

    /** The message without its advice: where training diverged and what was seen. */
    public String what() {
        return what;
    }
}
