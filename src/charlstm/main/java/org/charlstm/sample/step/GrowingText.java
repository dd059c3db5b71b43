package org.charlstm.sample.step;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * A growing text. It begins with given symbols and then takes drawn symbols, until the end symbol, the text to stop at,
 * or its maximum length. Symbols that may belong to the text to stop at are held back until this is decided.
 */
public final class GrowingText {
    private final int[] given;
    private final int maxLength;
    private final boolean pastEnd;
    private final Vocabulary vocabulary;
    private final @Nullable StopText stop;
    private final Receiver receiver;
    private final Queue<Held> held = new ArrayDeque<>();
    private int length;
    private @Nullable Ending ending;

    /** How a text ended. */
    public enum Ending {
        /** The end symbol was drawn. */
        END,
        /** The text to stop at was drawn; its symbols are not passed on. */
        STOP,
        /** The text has its maximum length. */
        LENGTH
    }

    /** Receives the symbols in their order, as soon as they are known to belong to the text. */
    public interface Receiver {
        /** Receives a symbol, also the end or start symbol that ends the text. The log-probabilities may be null. */
        void symbol(int position, int symbol, double @Nullable [] logProbabilities);
    }

    private record Held(int position, int symbol, double @Nullable [] logProbabilities) {
    }

    /** A text without symbols. The array of given symbols is not copied. */
    public GrowingText(int[] given, int maxLength, boolean pastEnd, Vocabulary vocabulary,
            @Nullable StopText stop, Receiver receiver) {
        this.given = given;
        this.maxLength = maxLength;
        this.pastEnd = pastEnd;
        this.vocabulary = vocabulary;
        this.stop = stop;
        this.receiver = receiver;
    }

    public int length() {
        return length;
    }

    public boolean isNextGiven() {
        return length < given.length;
    }

    /** How the text ended; null while it grows. */
    public @Nullable Ending ending() {
        return ending;
    }

    /** Takes and returns the next symbol: a given symbol if any is left, else the drawn one. Fails at -1, for NaN. */
    public int take(int drawn, double @Nullable [] logProbabilities) {
        boolean isGiven = isNextGiven();
        int symbol = isGiven ? given[length] : drawn;
        Refuse.inputIf(symbol < 0, "the model gives NaN; its training diverged, or its file is broken");
        length++;
        int matching = 0;
        if (!isGiven && vocabulary.isOver(symbol) && !pastEnd) {
            ending = Ending.END;
        } else if (stop != null && !isGiven) {
            matching = stop.next(held.size(), symbol);
            ending = matching == stop.length() ? Ending.STOP : null;
        }
        if (ending == null && length == maxLength) {
            ending = Ending.LENGTH;
        }
        if (ending != Ending.STOP) {
            tell(symbol, logProbabilities, ending == null ? matching : 0);
        }
        return symbol;
    }

    /** Passes on all held symbols and the symbol at the last position, except the last {@code keep} symbols. */
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
