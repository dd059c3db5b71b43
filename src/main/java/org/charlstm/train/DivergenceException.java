package org.charlstm.train;

import java.util.Locale;
import org.charlstm.CharlstmException;

/** Training that leads nowhere: a loss that is no number, or far above that of a model that knows nothing. */
public final class DivergenceException extends CharlstmException {
    private static final long serialVersionUID = 1;

    /** Where and what, without what to try. */
    private final String what;
    /** A norm to clip gradients at that may help. */
    private final double clipNorm;

    /**
     * A divergence.
     *
     * @param what     where and what, without what to try
     * @param clipNorm a norm to clip gradients at that may help
     */
    public DivergenceException(String what, double clipNorm) {
        super(String.format(Locale.ROOT, "%s; try a lower learning rate, or clip the gradients at a norm of %.3g", what,
                clipNorm), null);
        this.what = what;
        this.clipNorm = clipNorm;
    }

    /**
     * Where training diverged, and what was seen.
     *
     * @return the message without what to try
     */
    public String what() {
        return what;
    }

    /**
     * A norm to clip gradients at that may help.
     *
     * @return above 0
     */
    public double clipNorm() {
        return clipNorm;
    }
}
