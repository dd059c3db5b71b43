package org.charlstm.run;

import module java.base;
import org.charlstm.nn.Prediction;
import org.charlstm.sample.Beginnings;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Features;

/** The sentences that a model writes, from one seed, after every {@code every} epochs; 0 for the last alone. */
record RunSentences(int every, int count) {
    private static final int MAX_LENGTH = 400;
    /** The length of sentences of running text, which has no end symbol. */
    private static final int RUNNING_LENGTH = 200;

    boolean areDueAfter(int epoch) {
        return every > 0 && epoch % every == 0;
    }

    /** Writes the sentences; empty if the run was stopped. */
    Optional<List<String>> write(TrainingRun run) {
        return new Sampler(run.model(), run.text().vocabulary(), options(run), beginnings(run.text()))
                .sentences(count, run::goesOn);
    }

    /** With features, each sentence has the features of a caption, from validation if there is any. */
    private Beginnings beginnings(TrainingText text) {
        Corpus corpus = text.validation() == null ? text.corpus() : text.validation();
        if (corpus.features() == 0) {
            return Beginnings.all("");
        }
        float[][] rows = new float[count][corpus.features()];
        for (int i = 0; i < count; i++) {
            corpus.features(i % corpus.rows(), rows[i]);
        }
        return new Beginnings(List.of(""), 1, null).about(new Features(corpus.captions().source(), rows));
    }

    private static SamplingOptions options(TrainingRun run) {
        int steps = run.text().corpus().steps();
        int length = run.text().vocabulary().hasMarkers() ? Math.min(steps, MAX_LENGTH) : RUNNING_LENGTH;
        return SamplingOptions.DEFAULT.seed(run.setup().training().seed()).maxLength(length)
                .window(run.model().config().prediction() == Prediction.LAST ? steps : 0);
    }
}
