package org.charlstm.sample.streams;

import org.charlstm.CharlstmException;
import org.charlstm.base.Setting;
import org.charlstm.device.host.LogitSampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.sample.step.FirstSymbol;
import org.charlstm.sample.step.GrowingText;
import org.charlstm.sample.step.Softmax;
import org.charlstm.sample.step.StopText;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/** A text while it goes through a model, with the symbol that is fed next. */
final class TextStream {
    private final TextPlan plan;
    private final TextReceiver receiver;
    private final Vocabulary vocabulary;
    private final @Nullable FirstSymbol firstSymbol;
    private final GrowingText text;
    private int next;
    private boolean open = true;

    TextStream(TextPlan plan, TextReceiver receiver, Vocabulary vocabulary, @Nullable FirstSymbol firstSymbol) {
        this.plan = plan;
        this.receiver = receiver;
        this.vocabulary = vocabulary;
        this.firstSymbol = firstSymbol;
        text = new GrowingText(plan.given(), plan.options().maxLength(), plan.options().pastEnd(), vocabulary,
                StopText.of(plan.options().stop(), vocabulary), (position, symbol, logProbabilities) -> receiver
                        // A drawn start symbol ends the text as the end symbol does.
                        .symbol(position, vocabulary.isOver(symbol) ? vocabulary.end() : symbol,
                                position < plan.given().length, logProbabilities));
    }

    TextReceiver receiver() {
        return receiver;
    }

    TextPlan plan() {
        return plan;
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

    /** The position of the last symbol that was taken; -1 for the start symbol. */
    int position() {
        return text.length() - 1;
    }

    /** Takes the symbol that is fed first: the start symbol, or, without one, the first symbol of the text. */
    void begin() {
        if (vocabulary.hasMarkers()) {
            next = vocabulary.start();
        } else if (text.isNextGiven()) {
            next = text.take(0, null);
        } else if (firstSymbol != null) {
            next = text.take(firstSymbol.draw(plan.options().seed(), plan.sentence()), firstSymbol.logProbabilities());
        } else {
            throw new CharlstmException("the model has no start symbol to begin with; give a beginning")
                    .mendedBy(Setting.BEGINNING);
        }
    }

    /** Takes the next symbol, unless the text has ended. Turns the double logits into log-probabilities. */
    void follow(float[] logits, double[] logProbabilities, LogitSampler draw) {
        if (text.ending() == null) {
            Softmax.log(logProbabilities, 0, logProbabilities.length);
            SamplingOptions options = plan.options();
            next = text.take(text.isNextGiven() ? 0 : draw.draw(logits, 0, logits.length, options.draw(),
                    options.seed(), plan.sentence(), text.length()), logProbabilities);
        }
    }

    /** How the text ended; null while a symbol is to be fed. {@code fed} says that the last symbol has been fed. */
    GrowingText.@Nullable Ending over(boolean fed) {
        return fed || !plan.feedsLast() ? text.ending() : null;
    }
}
