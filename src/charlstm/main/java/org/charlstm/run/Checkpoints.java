package org.charlstm.run;

/**
 * When a run saves its state. It always does when it ends or is stopped.
 *
 * @param epochs  after every so many; at least 1
 * @param seconds within an epoch, after every so many; 0 for never
 * @param keep    how many states before the latest are kept
 */
public record Checkpoints(int epochs, long seconds, int keep) {
    public static final Checkpoints DEFAULT = new Checkpoints(1, 0, 0);

    public Checkpoints {
        if (epochs < 1 || seconds < 0 || keep < 0) {
            throw new IllegalArgumentException("checkpoints every " + epochs + " epochs and " + seconds
                    + " seconds, of which " + keep + " are kept");
        }
    }
}
