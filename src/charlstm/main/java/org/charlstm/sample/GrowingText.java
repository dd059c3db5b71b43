package org.charlstm.sample;

import java.util.ArrayDeque;
import java.util.Queue;
import org.charlstm.CharlstmException;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * A text as it grows: it begins with given symbols and takes drawn ones until the end symbol, the text to stop at, or
 * its full length. Symbols that may begin the text to stop at are held back until that is known.
 */
final class GrowingText {
    private final int[] given;
    private final SamplingOptions options;
    private final Vocabulary vocabulary;
    private final @Nullable StopText stop;
    private final Receiver receiver;
    private final Queue<Held> held = new ArrayDeque<>();
    private int length;
    private TextReceiver.@Nullable Ending ending;

    /** Receives the symbols in their order, once it is known that they belong to the text. */
    interface Receiver {
        /** A symbol, also the end or start symbol that ends the text, and its distribution if there is one. */
        void symbol(int position, int symbol, double @Nullable [] logProbabilities);
    }

    private record Held(int position, int symbol, double @Nullable [] logProbabilities) {
    }

    /**
     * A text without symbols yet.
     *
     * @param given   the symbols that it begins with; not copied
     * @param options its length, and whether it goes on past the end symbol
     */
    GrowingText(int[] given, SamplingOptions options, Vocabulary vocabulary, @Nullable StopText stop,
            Receiver receiver) {
        this.given = given;
        this.options = options;
        this.vocabulary = vocabulary;
        this.stop = stop;
        this.receiver = receiver;
    }

    int length() {
        return length;
    }

    /** Whether the next symbol is a given one. */
    boolean isNextGiven() {
        return length < given.length;
    }

    /** How the text ended; null while it grows. */
    TextReceiver.@Nullable Ending ending() {
        return ending;
    }

    /**
     * Takes the next symbol.
     *
     * @param drawn not read while there is a given one; -1 if the model gave NaN
     * @return the symbol that was taken
     */
    int take(int drawn, double @Nullable [] logProbabilities) {
        boolean isGiven = isNextGiven();
        int symbol = isGiven ? given[length] : drawn;
        if (symbol < 0) {
            throw new CharlstmException("the model gives NaN; its training diverged, or its file is broken");
        }
        length++;
        int matching = 0;
        if (!isGiven && vocabulary.isOver(symbol) && !options.pastEnd()) {
            ending = TextReceiver.Ending.END;
        } else if (stop != null && !isGiven) {
            matching = stop.next(held.size(), symbol);
            ending = matching == stop.length() ? TextReceiver.Ending.STOP : null;
        }
        if (ending == null && length == options.maxLength()) {
            ending = TextReceiver.Ending.LENGTH;
        }
        if (ending != TextReceiver.Ending.STOP) {
            tell(symbol, logProbabilities, ending == null ? matching : 0);
        }
        return symbol;
    }

    /** Tells the symbol at the last position and those held back, except for so many at the end. */
    private void tell(int symbol, double @Nullable [] logProbabilities, int keep) {
        if (keep == 0 && held.isEmpty()) {
            receiver.symbol(length - 1, symbol, logProbabilities);
            return;
        }
        held.add(new Held(length - 1, symbol, logProbabilities));
        while (held.size() > keep) {
            Held next = held.remove();
            receiver.symbol(next.position, next.symbol, next.logProbabilities);
        }
    }
}
