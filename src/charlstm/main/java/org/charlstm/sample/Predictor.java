package org.charlstm.sample;

import java.util.stream.IntStream;
import org.charlstm.CharlstmException;
import org.charlstm.base.Setting;
import org.charlstm.device.Device.Lease;
import org.charlstm.device.Ints;
import org.charlstm.device.Memory;
import org.charlstm.nn.Model;
import org.charlstm.nn.Network;
import org.charlstm.nn.Prediction;
import org.charlstm.sample.step.FirstSymbol;
import org.charlstm.sample.step.Softmax;
import org.charlstm.sample.step.Stepper;
import org.charlstm.text.Features;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/** Predictions of a model. */
public final class Predictor {
    private Predictor() {
    }

    /**
     * The distribution of the symbol that follows a prefix. The model starts from a state of zeros and from any start
     * symbol. Without a start symbol, an empty prefix gives the distribution of {@link Vocabulary#counts}. Fails if the
     * prefix has a character that the vocabulary lacks, if the prefix is empty and there are neither start symbol nor
     * counts, or if the model gives NaN or an infinity.
     */
    public static double[] next(Model model, Vocabulary vocabulary, String prefix) {
        return next(model, vocabulary, prefix, 0, null);
    }

    /** The same from the last {@code window} symbols, 0 for all, and with one row of features, null for none. */
    public static double[] next(Model model, Vocabulary vocabulary, String prefix, int window,
            @Nullable Features about) {
        Beginnings beginning = Beginnings.all(prefix);
        Beginnings given = about == null ? beginning : beginning.about(about);
        Sampler.requireFeatures(model, given);
        int[] symbols = vocabulary.encode(prefix, "the prefix");
        FirstSymbol first = FirstSymbol.of(vocabulary);
        if (symbols.length == 0 && first != null) {
            return first.probabilities();
        }
        if (symbols.length == 0 && !vocabulary.hasMarkers()) {
            throw new CharlstmException("the model has no start symbol to begin with; give a beginning")
                    .mendedBy(Setting.PREFIX);
        }
        try (Lease _ = model.device().lease(); Stepper stepper = new Stepper(model, 1, window)) {
            stepper.begin(about, IntStream.of(0));
            if (vocabulary.hasMarkers()) {
                stepper.feed(vocabulary.start());
            }
            for (int symbol : symbols) {
                stepper.feed(symbol);
            }
            return Softmax.of(stepper.logits().read());
        }
    }

    /** The most probable symbol after each step of a sequence. Fails if the model gives NaN or an infinity. */
    public static int[] mostProbable(Model model, int[] inputs) {
        int symbols = model.config().symbols();
        try (Lease _ = model.device().lease(); Memory memory = model.device().memory()) {
            Ints ids = memory.ints(inputs.length);
            ids.write(inputs);
            Network network = new Network(model, memory, inputs.length, 1, null, Prediction.ALL);
            network.forward(ids, null);
            double[] logits = network.logits().read();
            int[] best = new int[inputs.length];
            for (int t = 0; t < inputs.length; t++) {
                for (int j = 0; j < symbols; j++) {
                    Softmax.requireFinite(logits[t * symbols + j]);
                    best[t] = logits[t * symbols + j] > logits[t * symbols + best[t]] ? j : best[t];
                }
            }
            return best;
        }
    }
}
