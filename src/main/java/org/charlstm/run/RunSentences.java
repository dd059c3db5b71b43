package org.charlstm.run;

import java.util.List;
import java.util.Optional;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;

/**
 * The sentences that a run's model writes: always from the same seed, so that they show what it has learned rather than
 * its luck.
 *
 * @param every after every so many epochs; 0 for the last alone
 * @param count how many
 */
record RunSentences(int every, int count) {
    /** Where captions are longer, the beginning shows what was learned. */
    private static final int MAX_LENGTH = 400;
    /** Of running text, which has no end, a few lines. */
    private static final int RUNNING_LENGTH = 200;

    boolean areDueAfter(int epoch) {
        return every > 0 && epoch % every == 0;
    }

    /** Empty if the run was stopped. */
    Optional<List<String>> write(TrainingRun run) {
        return new Sampler(run.model(), run.text().vocabulary(), options(run)).sentences(count, () -> !run.isStopped());
    }

    private static SamplingOptions options(TrainingRun run) {
        int length = run.text().vocabulary().hasMarkers() ? Math.min(run.text().corpus().steps(), MAX_LENGTH)
                : RUNNING_LENGTH;
        return SamplingOptions.DEFAULT.seed(run.setup().training().seed()).maxLength(length);
    }
}
