package org.charlstm.selftest.models;

import static org.charlstm.selftest.TrialMemory.random;

import module java.base;
import org.charlstm.device.Activation;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Network;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.TensorSpec;
import org.charlstm.nn.Weights;
import org.charlstm.random.Philox;
import org.charlstm.random.Purpose;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.TrialMemory;
import org.charlstm.selftest.ValueComparison;
import org.charlstm.text.Vocabulary;

/** Checks whole sentences drawn from a model. */
final class SentencesCheck {
    private static final int SENTENCES = 70;
    private static final int LENGTH = 24;
    private static final long SEED = 5;
    private static final Vocabulary VOCABULARY = Vocabulary.ofCharacters("abcdefghijklmnopqrstuvwxyz ,.'-0123");

    /**
     * Draws more sentences than run side by side. A device rounds its logits, so a uniform number near the border of
     * two symbols may give the oracle's neighbouring symbol; the rest of the sentence then differs. The oracle
     * therefore reads the device's sentences and checks that it could have drawn each symbol there.
     */
    static List<Check.Case> sentences() {
        return Stream.of(0.0, 0.7, 1.0)
                .map(temperature -> new Check.Case(SENTENCES + " sentences, temperature " + temperature,
                        (device, oracle, comparison) -> {
                            List<List<Integer>> sentences;
                            try (Model model = new Model(device.device(), weights())) {
                                sentences = sentences(model, temperature);
                            }
                            compare(oracle, sentences, temperature, comparison);
                        }))
                .toList();
    }

    /**
     * Weights far from zero: every symbol depends on earlier ones. The start, which would end a text, is never drawn.
     */
    private static Weights weights() {
        ModelConfig config =
                ModelConfig.of(VOCABULARY.size(), new RecurrentLayer(37), new DenseLayer(37, Activation.RELU));
        List<Tensor> tensors = new ArrayList<>();
        for (TensorSpec spec : config.tensors()) {
            tensors.add(new Tensor(spec.name(), spec.shape(), random(tensors.size(), (int) spec.size(), 0.5)));
        }
        tensors.getLast().values()[VOCABULARY.start()] = -30;
        return new Weights(config, tensors);
    }

    private static List<List<Integer>> sentences(Model model, double temperature) {
        List<List<Integer>> sentences = Stream.<List<Integer>>generate(ArrayList::new).limit(SENTENCES).toList();
        SamplingOptions options = SamplingOptions.DEFAULT.temperature(temperature).seed(SEED).maxLength(LENGTH);
        new Sampler(model, VOCABULARY, options).sample(SENTENCES, new Sampler.Sink() {
            @Override
            public void symbol(int sentence, int symbol) {
                sentences.get(sentence).add(symbol);
            }

            @Override
            public void end(int sentence) {
                if (sentences.get(sentence).size() < LENGTH) {
                    sentences.get(sentence).add(VOCABULARY.end());
                }
            }
        });
        return sentences;
    }

    private static void compare(TrialMemory oracle, List<List<Integer>> sentences, double temperature,
            ValueComparison comparison) {
        int[] inputs = new int[LENGTH * SENTENCES];
        for (int s = 0; s < SENTENCES; s++) {
            inputs[s] = VOCABULARY.start();
            for (int t = 1; t < Math.min(LENGTH, sentences.get(s).size()); t++) {
                inputs[t * SENTENCES + s] = sentences.get(s).get(t - 1);
            }
        }
        double[] logits;
        try (Model model = new Model(oracle.device(), weights())) {
            Network network = new Network(model, oracle.memory(), LENGTH, SENTENCES, false);
            network.forward(oracle.ints(inputs), null);
            logits = network.logits().read();
        }
        double[] wanted = new double[SENTENCES * LENGTH];
        double[] got = new double[SENTENCES * LENGTH];
        for (int s = 0; s < SENTENCES; s++) {
            for (int t = 0; t < sentences.get(s).size(); t++) {
                int at = s * LENGTH + t;
                int row = (t * SENTENCES + s) * VOCABULARY.size();
                int symbol = sentences.get(s).get(t);
                wanted[at] = temperature == 0 ? 1 : Philox.uniform(SEED, Purpose.SAMPLE, s, t);
                got[at] = temperature == 0 ? share(logits, row, symbol)
                        : nearest(logits, row, temperature, symbol, wanted[at]);
            }
        }
        comparison.agree("uniform number for the symbol drawn", wanted, got);
    }

    /** A symbol's probability divided by the largest probability in the row. */
    private static double share(double[] logits, int row, int symbol) {
        return Math.exp(logits[row + symbol]
                - Arrays.stream(logits, row, row + VOCABULARY.size()).max().orElseThrow());
    }

    /** The number closest to {@code uniform} for which the symbol is drawn. */
    private static double nearest(double[] logits, int row, double temperature, int symbol, double uniform) {
        double sum = 0;
        double below = 0;
        double own = 0;
        for (int j = 0; j < VOCABULARY.size(); j++) {
            double weight = Math.exp((logits[row + j] - logits[row + symbol]) / temperature);
            sum += weight;
            below += j < symbol ? weight : 0;
            own += j == symbol ? weight : 0;
        }
        return Math.clamp(uniform, below / sum, (below + own) / sum);
    }
}
