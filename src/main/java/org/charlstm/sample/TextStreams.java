package org.charlstm.sample;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.device.Leases.Lease;
import org.charlstm.device.host.LogitSampler;
import org.charlstm.nn.Model;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * Texts that go through a model side by side, symbol by symbol, of which each may come and go at any step and is drawn
 * in its own way: what serves several readers at once. A text is the one that {@link Sampler} writes of the same number
 * and options, whatever goes on beside it; on a GPU to the rounding of a batch of another size. All calls are one
 * thread's.
 */
public final class TextStreams implements AutoCloseable {
    private final Model model;
    private final Vocabulary vocabulary;
    private final int window;
    private final TextBatch batch;
    private final @Nullable FirstSymbol firstSymbol;
    private final LogitSampler draw = new LogitSampler();
    private final List<TextStream> begun = new ArrayList<>();
    private final List<TextStream> fresh = new ArrayList<>();

    /**
     * No texts yet.
     *
     * @param window     of how many symbols before it each is predicted, or 0 for all of them
     */
    public TextStreams(Model model, Vocabulary vocabulary, int window) {
        if (vocabulary.size() != model.config().symbols()) {
            throw new IllegalArgumentException("a vocabulary of " + vocabulary.size() + " symbols for a model of "
                    + model.config().symbols());
        }
        this.model = model;
        this.vocabulary = vocabulary;
        this.window = window;
        batch = new TextBatch(model, window);
        firstSymbol = FirstSymbol.of(vocabulary);
    }

    /**
     * Adds a text, which begins with the next step.
     *
     * @throws IllegalArgumentException if a state is to be kept, or shown, of a model of a window, which has none, or
     *                                  if the plan has another number of features than the model takes
     * @throws CharlstmException        if the text to stop at has a character that the vocabulary lacks
     */
    public void add(TextPlan plan, TextReader reader) {
        if (window > 0 && (plan.feedsLast() || plan.from() != null)) {
            throw new IllegalArgumentException("a model that predicts from a window has no state");
        }
        if (plan.about().length != model.config().features()) {
            throw new IllegalArgumentException(plan.about().length + " features for a model of "
                    + model.config().features());
        }
        fresh.add(new TextStream(plan, reader, vocabulary, firstSymbol));
    }

    /**
     * How many texts there are.
     *
     * @return those that are neither over nor dropped
     */
    public int size() {
        return begun.size() + fresh.size();
    }

    /**
     * Takes every text whose reader is ready a symbol further.
     *
     * @return false if there was none
     */
    public boolean step() {
        List<TextStream> beginning = List.copyOf(fresh);
        fresh.clear();
        begun.addAll(beginning);
        beginning.forEach(text -> guarded(text, () -> {
            text.begin();
            finish(text, false);
        }));
        begun.stream().filter(text -> text.isOpen() && !text.reader().listening()).toList().forEach(this::drop);
        List<TextStream> ready = begun.stream().filter(text -> text.isOpen() && text.reader().ready()).toList();
        if (!ready.isEmpty()) {
            try (Lease _ = model.device().lease()) {
                feed(ready);
            }
        }
        begun.removeIf(text -> !text.isOpen());
        return !ready.isEmpty();
    }

    private void feed(List<TextStream> ready) {
        double[] logits = batch.feed(ready);
        int symbols = vocabulary.size();
        float[] row = new float[symbols];
        for (int i = 0; i < ready.size(); i++) {
            TextStream text = ready.get(i);
            double[] shares = Arrays.copyOfRange(logits, i * symbols, (i + 1) * symbols);
            for (int j = 0; j < symbols; j++) {
                row[j] = (float) shares[j];
            }
            guarded(text, () -> {
                if (text.hidden()) {
                    text.reader().hidden(text.position(), batch.hidden(text));
                }
                if (!finish(text, true)) {
                    text.follow(row, shares, draw);
                    finish(text, false);
                }
            });
        }
    }

    /** Ends a text that is over. */
    private boolean finish(TextStream text, boolean fed) {
        TextReader.Ending ending = text.over(fed);
        if (ending != null) {
            text.reader().end(ending, text.keepsState() ? batch.state(text) : null);
            drop(text);
        }
        return ending != null;
    }

    private void guarded(TextStream text, Runnable what) {
        try {
            what.run();
        } catch (CharlstmException e) {
            text.reader().failed(e);
            drop(text);
        }
    }

    private void drop(TextStream text) {
        text.close();
        batch.forget(text);
    }

    /** Drops all texts, of which nothing is told any more. */
    @Override
    public void close() {
        batch.close();
    }
}
