package org.charlstm.sample;

import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/** Sentences side by side as they grow: each begins with what it is given, then takes what is drawn until it ends. */
final class OpenSentences {
    private final Vocabulary vocabulary;
    private final boolean pastEnd;
    private final @Nullable StopText stop;
    private final Sampler.Sink sink;
    private final int first;
    private final int[][] beginnings;
    private final boolean[] ended;
    /** Of each how many symbols of the text to stop at were written last, which are held back. */
    private final int[] held;
    private int open;

    OpenSentences(Vocabulary vocabulary, boolean pastEnd, @Nullable StopText stop, int first, int[][] beginnings,
            Sampler.Sink sink) {
        this.vocabulary = vocabulary;
        this.pastEnd = pastEnd;
        this.stop = stop;
        this.first = first;
        this.beginnings = beginnings;
        this.sink = sink;
        open = beginnings.length;
        ended = new boolean[open];
        held = new int[open];
    }

    /** Up to which position all of them are given. */
    int given() {
        return Stream.of(beginnings).mapToInt(beginning -> beginning.length).min().orElseThrow();
    }

    /** From which position on all of them are drawn. */
    int drawn() {
        return Stream.of(beginnings).mapToInt(beginning -> beginning.length).max().orElseThrow();
    }

    /** Whether one is open, and somebody listens. */
    boolean goOn() {
        return open > 0 && sink.listening();
    }

    /**
     * Takes the symbols that were drawn at a position, from a place on. In their place it leaves what is to be fed: of
     * a beginning its own symbol.
     */
    void take(int at, int[] symbols, int from) {
        for (int i = 0; i < ended.length; i++) {
            if (ended[i]) {
                // What would follow an end means nothing, and need not even be a symbol.
                symbols[from + i] = 0;
            } else if (at < beginnings[i].length) {
                symbols[from + i] = beginnings[i][at];
                sink.symbol(first + i, beginnings[i][at]);
            } else if (ends(i, symbols[from + i])) {
                ended[i] = true;
                open--;
                sink.end(first + i);
            }
        }
    }

    /** Ends those that are open. */
    void end() {
        for (int i = 0; i < ended.length; i++) {
            if (!ended[i]) {
                release(i, held[i]);
                sink.end(first + i);
            }
        }
    }

    /** Hands a symbol on; says whether the sentence ends there. */
    private boolean ends(int i, int symbol) {
        if (symbol < 0) {
            throw new CharlstmException("the model gives NaN; its training diverged, or its file is broken");
        }
        if (vocabulary.isOver(symbol) && !pastEnd) {
            release(i, held[i]);
            return true;
        }
        if (stop == null) {
            sink.symbol(first + i, symbol);
            return false;
        }
        int matching = stop.next(held[i], symbol);
        if (matching == stop.length()) {
            return true;
        }
        int released = held[i] + 1 - matching;
        release(i, Math.min(released, held[i]));
        if (released > held[i]) {
            sink.symbol(first + i, symbol);
        }
        held[i] = matching;
        return false;
    }

    private void release(int i, int symbols) {
        for (int k = 0; stop != null && k < symbols; k++) {
            sink.symbol(first + i, stop.symbol(k));
        }
    }
}
