package org.charlstm.train;

import java.util.Locale;
import org.charlstm.CharlstmException;

/** Training diverged: the loss is NaN or infinite, or far above that of a model that knows nothing. */
public final class DivergenceException extends CharlstmException {
    private static final long serialVersionUID = 1;

    private final String what;
    private final double clipNorm;

    /**
     * A divergence.
     *
     * @param what     where, and what was seen
     * @param clipNorm a norm to clip gradients at that may help
     */
    public DivergenceException(String what, double clipNorm) {
        super(String.format(Locale.ROOT, "%s; try a lower learning rate, or clip the gradients at a norm of %.3g", what,
                clipNorm), null);
        this.what = what;
        this.clipNorm = clipNorm;
    }

    /** Where training diverged and what was seen: the message without its advice. */
    public String what() {
        return what;
    }

    /** A norm to clip gradients at that may help, above 0. */
    public double clipNorm() {
        return clipNorm;
    }
}
