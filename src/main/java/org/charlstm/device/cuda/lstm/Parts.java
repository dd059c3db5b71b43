package org.charlstm.device.cuda.lstm;

import org.charlstm.device.Lstm;
import org.charlstm.device.LstmShape;

/**
 * The time steps of a sequence in parts, so that what comes before or after the steps of one can be computed beside
 * those of another.
 *
 * @param shape what the steps are of
 * @param count how many parts
 */
public record Parts(LstmShape shape, int count) {
    /** Each part begins with what a launch costs, and a whole of so many ends with a quarter that nothing hides. */
    static final int MOST = 4;
    private static final int LEAST_STEPS = 8;

    /**
     * As many as pay: several where steps leave at least half of the multiprocessors idle.
     *
     * @param blocks          multiprocessors that the steps keep busy
     * @param multiprocessors how many there are
     */
    static Parts of(LstmShape shape, int blocks, int multiprocessors) {
        boolean idle = blocks <= multiprocessors / 2;
        return new Parts(shape, shape.training() && idle ? Math.clamp(shape.steps() / LEAST_STEPS, 1, MOST) : 1);
    }

    /** Where a part begins, and the one before it ends. */
    int step(int part) {
        return Lstm.firstStep(shape.steps(), count, part);
    }

    /** The first row of a part. */
    int row(int part) {
        return step(part) * shape.batch();
    }

    /** Rows of a part. */
    int rows(int part) {
        return row(part + 1) - row(part);
    }
}
