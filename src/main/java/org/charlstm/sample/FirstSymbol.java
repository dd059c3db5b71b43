package org.charlstm.sample;

import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.charlstm.random.Philox;
import org.charlstm.random.Purpose;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * The first symbol of running text that nothing goes before: as probable as it is frequent in the text that was
 * learned.
 */
final class FirstSymbol {
    private final long[] counts;
    private final long total;

    private FirstSymbol(long[] counts) {
        this.counts = counts;
        total = LongStream.of(counts).sum();
    }

    /** That of a model; null where its sentences begin with a start symbol, or what it learned is unknown. */
    static @Nullable FirstSymbol of(Vocabulary vocabulary) {
        long[] counts = vocabulary.counts();
        return counts == null ? null : new FirstSymbol(counts);
    }

    /** Draws that of a sentence, as each symbol after it is drawn: by the sentence's number and the position. */
    int draw(long seed, int sentence) {
        long left = (long) (Philox.uniform(seed, Purpose.SAMPLE, sentence, 0) * total);
        int symbol = 0;
        while (left >= counts[symbol]) {
            left -= counts[symbol++];
        }
        return symbol;
    }

    /** The probability of each symbol, by id. */
    double[] probabilities() {
        return LongStream.of(counts).mapToDouble(count -> (double) count / total).toArray();
    }

    double[] logProbabilities() {
        return DoubleStream.of(probabilities()).map(Math::log).toArray();
    }
}
