package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.device.Rnn;

/** Parts of a sequence's time steps: the work before or after one part can run beside the steps of another. */
record TimeParts(Rnn.Shape shape, int count) {
    /** Each part costs a launch, and nothing hides the work after the last part: a seventh if there are 4 parts. */
    static final int MOST = 4;
    private static final int LEAST_STEPS = 8;
    /** An environment variable that asks for one number of parts, to time it. */
    private static final String SETTING = "CHARLSTM_LSTM_PARTS";

    /**
     * The numbers of parts that may pay. Several parts compete with one if the steps, on {@code blocks} blocks, leave
     * at least half of the multiprocessors idle. A part costs a launch; only a measurement tells how much it hides.
     */
    static List<TimeParts> candidates(Rnn.Shape shape, int blocks, int multiprocessors) {
        return candidates(shape, blocks, multiprocessors, System.getenv().getOrDefault(SETTING, ""));
    }

    /** The numbers of parts that may pay, or only the number {@code asked} for. */
    static List<TimeParts> candidates(Rnn.Shape shape, int blocks, int multiprocessors, String asked) {
        if (!shape.training()) {
            return List.of(whole(shape));
        }
        if (!asked.isEmpty()) {
            if (!asked.matches("[1-9][0-9]?")) {
                throw new CharlstmException(SETTING + " is '" + asked + "'; it can be 1 to 99");
            }
            return List.of(new TimeParts(shape, Math.min(Integer.parseInt(asked), shape.steps())));
        }
        int most = blocks <= multiprocessors / 2 ? Math.clamp(shape.steps() / LEAST_STEPS, 1, MOST) : 1;
        return IntStream.of(most, 2, 1).filter(count -> count <= most).distinct()
                .mapToObj(count -> new TimeParts(shape, count)).toList();
    }

    static TimeParts whole(Rnn.Shape shape) {
        return new TimeParts(shape, 1);
    }

    /** The part of a candidate's title after the engine's name. */
    String title() {
        return count == 1 ? "" : " in " + count + " parts";
    }

    /** The first step of a part, which is the end of the part before it. */
    int step(int part) {
        return Rnn.firstStep(shape.steps(), count, part);
    }

    int firstRow(int part) {
        return step(part) * shape.batch();
    }

    int rows(int part) {
        return firstRow(part + 1) - firstRow(part);
    }

    int mostRows() {
        return IntStream.range(0, count).map(this::rows).max().orElseThrow();
    }
}
