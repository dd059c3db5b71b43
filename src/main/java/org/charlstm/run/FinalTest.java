package org.charlstm.run;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.charlstm.CharlstmException;
import org.charlstm.io.ModelFile;
import org.charlstm.nn.Model;
import org.charlstm.text.Corpus;
import org.charlstm.train.Evaluation;
import org.charlstm.train.Figures;

/** Evaluates the best model of a run on the test's text. */
final class FinalTest {
    private FinalTest() {
    }

    /** The figures of a run that has trained and saved all; empty if there is no such text, or the run is stopped. */
    static Optional<Figures> of(TrainingRun run, RunFolder folder) {
        Corpus test = run.text().test();
        if (test == null) {
            return Optional.empty();
        }
        int epoch = run.best().filter(best -> run.bestIsKept()).map(RunState.Best::epoch).orElse(run.epoch());
        Optional<Evaluation> evaluation;
        if (epoch == run.epoch()) {
            evaluation = evaluation(run, run.model(), test);
        } else {
            try (Model best = new Model(run.model().device(),
                    ModelFile.load(folder.path().resolve(RunFolder.BEST)).weights())) {
                evaluation = evaluation(run, best, test);
            }
        }
        return evaluation.map(found -> figures(epoch, found));
    }

    private static Optional<Evaluation> evaluation(TrainingRun run, Model model, Corpus test) {
        return Evaluation.of(model, test, run.setup().training(), run.ranks().size(), run::goesOn);
    }

    private static Figures figures(int epoch, Evaluation found) {
        double loss = found.loss();
        if (!Double.isFinite(loss)) {
            throw new CharlstmException("the loss of the model of epoch " + epoch + " in the test is " + loss);
        }
        Map<String, Double> values = new LinkedHashMap<>();
        values.put(Figures.TEST_LOSS, loss);
        values.put(Figures.TEST_REAL_LOSS, found.realLoss());
        values.put(Figures.TEST_BITS, found.bits());
        return new Figures(epoch, values);
    }
}
