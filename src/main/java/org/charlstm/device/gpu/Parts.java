package org.charlstm.device.gpu;

import java.util.List;
import java.util.stream.IntStream;
import org.charlstm.CharlstmException;
import org.charlstm.device.Lstm;

/**
 * The time steps of a sequence in parts, so that what comes before or after the steps of one can be computed beside
 * those of another.
 *
 * @param shape what the steps are of
 */
public record Parts(Lstm.Shape shape, int count) {
    /** Each part begins with what a launch costs, and a whole of so many ends with a quarter that nothing hides. */
    static final int MOST = 4;
    private static final int LEAST_STEPS = 8;
    /** For each number to be timed by itself. */
    private static final String SETTING = "CHARLSTM_LSTM_PARTS";

    /**
     * As many as may pay: several where steps leave at least half of the multiprocessors idle, and one, which begins
     * only once. A part costs a launch; only a measurement tells what it hides.
     *
     * @param blocks          multiprocessors that the steps keep busy
     */
    static List<Parts> candidates(Lstm.Shape shape, int blocks, int multiprocessors) {
        return candidates(shape, blocks, multiprocessors, System.getenv().getOrDefault(SETTING, ""));
    }

    /** The same, or as many as asked for. */
    static List<Parts> candidates(Lstm.Shape shape, int blocks, int multiprocessors, String asked) {
        if (!shape.training()) {
            return List.of(whole(shape));
        }
        if (!asked.isEmpty()) {
            if (!asked.matches("[1-9][0-9]?")) {
                throw new CharlstmException(SETTING + " is '" + asked + "'; it can be 1 to 99");
            }
            return List.of(new Parts(shape, Math.min(Integer.parseInt(asked), shape.steps())));
        }
        int most = blocks <= multiprocessors / 2 ? Math.clamp(shape.steps() / LEAST_STEPS, 1, MOST) : 1;
        return IntStream.of(most, 2, 1).filter(count -> count <= most).distinct()
                .mapToObj(count -> new Parts(shape, count)).toList();
    }

    /** All steps as one. */
    static Parts whole(Lstm.Shape shape) {
        return new Parts(shape, 1);
    }

    /** Follows the engine's name. */
    String title() {
        return count == 1 ? "" : " in " + count + " parts";
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
