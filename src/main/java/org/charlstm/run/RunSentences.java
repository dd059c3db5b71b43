package org.charlstm.run;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Corpus;

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
    /** Of running text, a few lines that go on from a few words. */
    private static final int RUNNING_LENGTH = 200;
    private static final int PRIME_LENGTH = 20;

    boolean areDueAfter(int epoch) {
        return every > 0 && epoch % every == 0;
    }

    /** Empty if the run was stopped. */
    Optional<List<String>> write(TrainingRun run) {
        return new Sampler(run.model(), run.text().vocabulary(), options(run)).sentences(count, () -> !run.isStopped());
    }

    private static SamplingOptions options(TrainingRun run) {
        Corpus corpus = run.text().corpus();
        long seed = run.setup().training().seed();
        if (run.text().vocabulary().hasMarkers()) {
            return SamplingOptions.DEFAULT.seed(seed).maxLength(Math.min(corpus.steps(), MAX_LENGTH));
        }
        // Running text has no symbol to start from, nor an end: it goes on from the beginning of the text.
        String prime = Arrays.stream(corpus.input(0)).limit(PRIME_LENGTH).mapToObj(run.text().vocabulary()::text)
                .collect(Collectors.joining());
        return SamplingOptions.DEFAULT.seed(seed).maxLength(RUNNING_LENGTH).prime(prime);
    }
}
