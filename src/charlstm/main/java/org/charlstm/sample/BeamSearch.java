package org.charlstm.sample;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.device.Device.Lease;
import org.charlstm.nn.Model;
import org.charlstm.sample.step.FirstSymbol;
import org.charlstm.sample.step.Softmax;
import org.charlstm.sample.step.Stepper;
import org.charlstm.sample.step.StopText;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * Beam search for the most probable sentences. Each step continues all open sentences by every symbol and keeps the
 * best sentences, ended or open. With a beam for every possible sentence, the search is exact. Without a start symbol,
 * the probability of a first symbol is its frequency in the learned text.
 */
public final class BeamSearch {
    private final Model model;
    private final Vocabulary vocabulary;
    private final SamplingOptions options;
    private final int beams;
    private final double lengthPenalty;
    private final @Nullable FirstSymbol firstSymbol;
    private final @Nullable StopText stop;

    /** A sentence, and the log-probability, in nats, of all symbols after its beginning, an end symbol included. */
    public record Found(String text, double logProbability) {
    }

    /** A continuation; its state is in a row of the stepper. */
    private record Branch(int row, int[] symbols, double logProbability, int matching, boolean ended) {
        private double score(double lengthPenalty) {
            return symbols.length == 0 ? logProbability : logProbability / Math.pow(symbols.length, lengthPenalty);
        }
    }

    /**
     * A search.
     *
     * @param options       only the maximum length and the text to stop at are read
     * @param beams         the number of sentences that are kept, at least 1
     * @param lengthPenalty sentences are ordered by log-probability / symbols^penalty: with 0 by the log-probability,
     *                      with 1 by its mean per symbol
     */
    public BeamSearch(Model model, Vocabulary vocabulary, SamplingOptions options, int beams, double lengthPenalty) {
        Refuse.argumentIf(beams < 1, beams + " beams; there must be at least 1");
        Refuse.argumentIf(!(lengthPenalty >= 0 && lengthPenalty < Double.POSITIVE_INFINITY),
                "the length penalty is " + lengthPenalty + "; it must be 0 or more");
        this.model = model;
        this.vocabulary = vocabulary;
        this.options = options;
        this.beams = beams;
        this.lengthPenalty = lengthPenalty;
        firstSymbol = FirstSymbol.of(vocabulary);
        stop = StopText.of(options.stop(), vocabulary);
    }

    /**
     * Continues each text of the beginnings. Returns the best sentences for each text, the best first; there are fewer
     * than {@code beams} only if no more exist. Fails if no sentence can begin with a text, or if the model gives NaN
     * or an infinity.
     */
    public List<List<Found>> search(Beginnings beginnings) {
        Sampler.requireFeatures(model, beginnings);
        List<int[]> primes = beginnings.encode(vocabulary, options.maxLength());
        try (Lease _ = model.device().lease(); Stepper stepper = new Stepper(model, beams, 0)) {
            return IntStream.range(0, primes.size()).mapToObj(i -> {
                stepper.begin(beginnings.about(), IntStream.generate(() -> i).limit(beams));
                return search(stepper, primes.get(i));
            }).toList();
        }
    }

    private List<Found> search(Stepper stepper, int[] prime) {
        if (vocabulary.hasMarkers()) {
            stepper.feed(vocabulary.start());
        }
        for (int symbol : prime) {
            stepper.feed(symbol);
        }
        List<Branch> kept = List.of(new Branch(0, new int[0], 0, 0, false));
        for (int at = prime.length; at < options.maxLength() && !kept.stream().allMatch(Branch::ended); at++) {
            kept = best(kept,
                    at == 0 && firstSymbol != null ? firstSymbol.logProbabilities() : logProbabilities(kept, stepper));
            if (at + 1 < options.maxLength()) {
                int[] rows = new int[beams];
                int[] symbols = new int[beams];
                for (int i = 0; i < kept.size(); i++) {
                    Branch branch = kept.get(i);
                    rows[i] = branch.row;
                    symbols[i] = branch.symbols[branch.symbols.length - 1];
                }
                stepper.state().select(rows);
                stepper.feed(symbols);
                List<Branch> now = kept;
                kept = IntStream.range(0, now.size()).mapToObj(i -> new Branch(i, now.get(i).symbols,
                        now.get(i).logProbability, now.get(i).matching, now.get(i).ended)).toList();
            }
        }
        return kept.stream().map(branch -> found(prime, branch)).toList();
    }

    /** The best of the ended sentences and all continuations of the open sentences; of equal ones, the first found. */
    private List<Branch> best(List<Branch> kept, double[] logProbabilities) {
        List<Branch> next = new ArrayList<>();
        for (Branch branch : kept) {
            if (branch.ended) {
                next.add(branch);
                continue;
            }
            for (int symbol = 0; symbol < vocabulary.size(); symbol++) {
                double logProbability = logProbabilities[branch.row * vocabulary.size() + symbol];
                if (logProbability > Double.NEGATIVE_INFINITY
                        && !(vocabulary.hasMarkers() && symbol == vocabulary.start())) {
                    next.add(branch(branch, symbol, logProbability));
                }
            }
        }
        next.sort(Comparator.comparingDouble(branch -> -branch.score(lengthPenalty)));
        return next.subList(0, Math.min(beams, next.size()));
    }

    /** The log-probabilities of the next symbol, in the rows of the open branches. The other rows hold logits. */
    private double[] logProbabilities(List<Branch> kept, Stepper stepper) {
        double[] logits = stepper.logits().read();
        kept.stream().filter(branch -> !branch.ended)
                .forEach(branch -> Softmax.log(logits, branch.row * vocabulary.size(), vocabulary.size()));
        return logits;
    }

    private Branch branch(Branch from, int symbol, double logProbability) {
        int[] symbols = IntStream.concat(IntStream.of(from.symbols), IntStream.of(symbol)).toArray();
        int matching = stop == null ? 0 : stop.next(from.matching, symbol);
        return new Branch(from.row, symbols, from.logProbability + logProbability, matching,
                vocabulary.isOver(symbol) || (stop != null && matching == stop.length()));
    }

    private Found found(int[] prime, Branch branch) {
        int[] symbols = branch.symbols;
        int left = symbols.length;
        if (branch.ended) {
            left -= vocabulary.isOver(symbols[left - 1]) || stop == null ? 1 : stop.length();
        }
        return new Found(
                vocabulary.decode(IntStream.concat(IntStream.of(prime), IntStream.of(symbols).limit(left)).toArray()),
                branch.logProbability);
    }
}
