package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.device.Rnn;

/**
 * Parts of a sequence's time steps: the work before or after one part can run beside the steps of another. With {@code
 * sideBySide}, a layer also runs a part beside the next part of the layer before it in the pass; several layers in P
 * parts then take about 1 + 1/P times as long as one.
 */
record TimeParts(Rnn.Shape shape, int count, boolean sideBySide) {
    /** Each part costs a launch, and nothing hides the work after the last part: a seventh if there are 4 parts. */
    static final int MOST = 4;
    private static final int LEAST_STEPS = 8;
    /** An environment variable that asks for one number of parts, to time it. */
    private static final String SETTING = "CHARLSTM_LSTM_PARTS";

    TimeParts(Rnn.Shape shape, int count) {
        this(shape, count, false);
    }

    /**
     * The numbers of parts that may pay. Several parts compete with one if the steps, on {@code blocks} blocks, leave
     * at least half of the multiprocessors idle. A part costs a launch; only a measurement tells how much it hides. Of
     * several layers, two run side by side if the GPU runs twice the batch at once: {@code wave} sequences.
     */
    static List<TimeParts> candidates(Rnn.Shape shape, int blocks, int multiprocessors, int wave) {
        return candidates(shape, blocks, multiprocessors, wave, System.getenv().getOrDefault(SETTING, ""));
    }

    /** The numbers of parts that may pay, or only the number {@code asked} for. */
    static List<TimeParts> candidates(Rnn.Shape shape, int blocks, int multiprocessors, int wave, String asked) {
        boolean together = shape.layers().count() > 1 && 2L * shape.batch() <= wave;
        if (!shape.training()) {
            return List.of(whole(shape));
        }
        if (!asked.isEmpty()) {
            if (!asked.matches("[1-9][0-9]?")) {
                throw new CharlstmException(SETTING + " is '" + asked + "'; it can be 1 to 99");
            }
            return List.of(inParts(shape, Math.min(Integer.parseInt(asked), shape.steps()), together));
        }
        int most = together || blocks <= multiprocessors / 2 ? Math.clamp(shape.steps() / LEAST_STEPS, 1, MOST) : 1;
        return IntStream.of(most, 2, 1).filter(count -> count <= most).distinct()
                .mapToObj(count -> inParts(shape, count, together)).toList();
    }

    private static TimeParts inParts(Rnn.Shape shape, int count, boolean together) {
        return new TimeParts(shape, count, together && count > 1);
    }

    static TimeParts whole(Rnn.Shape shape) {
        return new TimeParts(shape, 1);
    }

    /** The part of a candidate's title after the engine's name. */
    String title() {
        return count == 1 ? "" : " in " + count + " parts" + (sideBySide ? " side by side" : "");
    }

    /** The parts of a network of one of the layers, by itself. */
    TimeParts ofLayer(int layer) {
        Rnn.Layers all = shape.layers();
        Rnn.Layers one =
                new Rnn.Layers(layer == 0 ? all.input() : Rnn.InputShape.ofMatrix(all.hidden()), all.hidden(), 1,
                        all.cell());
        return new TimeParts(new Rnn.Shape(one, shape.steps(), shape.batch(), shape.training()), count, sideBySide);
    }

    /** The parts of the backward pass: one where little work is left to run beside the steps, which add up weights. */
    TimeParts ofBackward(boolean addsUpWeights) {
        return addsUpWeights && !sideBySide ? whole(shape) : this;
    }

    /** The part that begins with a step. */
    int at(int step) {
        return IntStream.range(0, count).filter(part -> step(part) == step).findFirst().orElseThrow();
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
