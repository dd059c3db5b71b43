package org.charlstm.sample.step;

import module java.base;
import org.charlstm.random.Philox;
import org.charlstm.random.Purpose;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/** The distribution of the first symbol if there is no start symbol: the symbols' frequencies in the learned text. */
public final class FirstSymbol {
    private final long[] counts;
    private final long total;

    private FirstSymbol(long[] counts) {
        this.counts = counts;
        total = LongStream.of(counts).sum();
    }

    /** The distribution of a vocabulary; null without counts, for example with a start symbol. */
    public static @Nullable FirstSymbol of(Vocabulary vocabulary) {
        long[] counts = vocabulary.counts();
        return counts == null ? null : new FirstSymbol(counts);
    }

    /** Draws the symbol at position 0 of a sentence; seed and sentence number determine it. */
    public int draw(long seed, int sentence) {
        long left = (long) (Philox.uniform(seed, Purpose.SAMPLE, sentence, 0) * total);
        int symbol = 0;
        while (left >= counts[symbol]) {
            left -= counts[symbol++];
        }
        return symbol;
    }

    /** The probability of each symbol, by id. */
    public double[] probabilities() {
        return LongStream.of(counts).mapToDouble(count -> (double) count / total).toArray();
    }

    public double[] logProbabilities() {
        return DoubleStream.of(probabilities()).map(Math::log).toArray();
    }
}
