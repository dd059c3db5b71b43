package org.charlstm.sample;

import java.util.ArrayDeque;
import java.util.Queue;
import org.charlstm.CharlstmException;
import org.charlstm.Setting;
import org.charlstm.device.host.RowDraw;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * A text on its way through a model: what it takes next, and whether it is over. What may be the beginning of the text
 * to stop at is not told before that is known.
 */
final class TextStream {
    private final TextPlan plan;
    private final TextReader reader;
    private final Vocabulary vocabulary;
    private final @Nullable FirstSymbol firstSymbol;
    private final @Nullable StopText stop;
    private final Queue<Held> held = new ArrayDeque<>();
    /** How many symbols it has. */
    private int length;
    /** The symbol that is fed next. */
    private int next;
    private TextReader.@Nullable Ending ending;
    private boolean open = true;

    private record Held(int position, int symbol, double @Nullable [] shares) {
    }

    TextStream(TextPlan plan, TextReader reader, Vocabulary vocabulary, @Nullable FirstSymbol firstSymbol) {
        this.plan = plan;
        this.reader = reader;
        this.vocabulary = vocabulary;
        this.firstSymbol = firstSymbol;
        stop = StopText.of(plan.options().stop(), vocabulary);
    }

    TextReader reader() {
        return reader;
    }

    boolean hidden() {
        return plan.hidden();
    }

    @Nullable
    TextState from() {
        return plan.from();
    }

    double[] about() {
        return plan.about();
    }

    int next() {
        return next;
    }

    boolean isOpen() {
        return open;
    }

    void close() {
        open = false;
    }

    /** The position of the symbol that is fed next, or was fed last. */
    int position() {
        return length - 1;
    }

    /** Takes what goes before everything: the start symbol, or where there is none a first symbol. */
    void begin() {
        if (vocabulary.hasMarkers()) {
            next = vocabulary.start();
        } else if (plan.given().length > 0) {
            take(plan.given()[0], null);
        } else if (firstSymbol != null) {
            double[] shares = firstSymbol.probabilities();
            for (int i = 0; i < shares.length; i++) {
                shares[i] = Math.log(shares[i]);
            }
            take(firstSymbol.draw(plan.options().seed(), plan.sentence()), shares);
        } else {
            throw new CharlstmException("the model has no start symbol to begin with; give a beginning")
                    .mendedBy(Setting.BEGINNING);
        }
    }

    /**
     * Takes the symbol that follows the one that was fed, unless that was the last.
     *
     * @param shares the same, of which log-probabilities are made
     */
    void follow(float[] logits, double[] shares, RowDraw draw) {
        if (ending == null) {
            int given = plan.given().length;
            LogProbabilities.of(shares, 0, shares.length);
            SamplingOptions options = plan.options();
            take(length < given ? plan.given()[length] : draw.draw(logits, 0, logits.length, options.draw(),
                    options.seed(), plan.sentence(), length), shares);
        }
    }

    private void take(int symbol, double @Nullable [] shares) {
        boolean given = length < plan.given().length;
        next = symbol;
        length++;
        int matching = 0;
        if (vocabulary.isOver(symbol) && !given && !plan.options().pastEnd()) {
            ending = TextReader.Ending.END;
        } else if (stop != null && !given) {
            matching = stop.next(held.size(), symbol);
            ending = matching == stop.length() ? TextReader.Ending.STOP : null;
        }
        if (ending == null && length == plan.options().maxLength()) {
            ending = TextReader.Ending.LENGTH;
        }
        if (ending == TextReader.Ending.STOP) {
            return;
        }
        held.add(new Held(length - 1, !given && vocabulary.isOver(symbol) ? vocabulary.end() : symbol, shares));
        while (held.size() > (ending == null ? matching : 0)) {
            Held told = held.remove();
            reader.symbol(told.position, told.symbol, told.position < plan.given().length, told.shares);
        }
    }

    /** Why there is nothing more to feed; null if there is. */
    TextReader.@Nullable Ending over(boolean fed) {
        return fed || !plan.feedsLast() ? ending : null;
    }

    boolean keepsState() {
        return plan.options().keepState();
    }
}
