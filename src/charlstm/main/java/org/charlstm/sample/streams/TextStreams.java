package org.charlstm.sample.streams;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;
import org.charlstm.device.Device.Lease;
import org.charlstm.device.host.LogitSampler;
import org.charlstm.nn.Model;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.step.FirstSymbol;
import org.charlstm.sample.step.GrowingText;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * Texts that go through a model as one batch, each with a receiver. A text may begin and end at any step, and has its
 * own options. {@link Sampler} writes the same text with the same sentence number and options, whatever other texts are
 * in the batch; on a GPU, another batch size may round differently. One thread makes all calls.
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

    /** Streams without texts. Each symbol is predicted from the {@code window} symbols before it; 0 for all. */
    public TextStreams(Model model, Vocabulary vocabulary, int window) {
        Refuse.argumentIf(vocabulary.size() != model.config().symbols(),
                "a vocabulary of " + vocabulary.size() + " symbols for a model of " + model.config().symbols());
        this.model = model;
        this.vocabulary = vocabulary;
        this.window = window;
        batch = new TextBatch(model, window);
        firstSymbol = FirstSymbol.of(vocabulary);
    }

    /**
     * Adds a text, which begins in the next step. With a window, a plan cannot ask for a state or outputs. The
     * vocabulary must have every character of the text to stop at.
     */
    public void add(TextPlan plan, TextReceiver receiver) {
        if (window > 0 && (plan.feedsLast() || plan.from() != null)) {
            throw new IllegalArgumentException("a model that predicts from a window has no state");
        }
        Refuse.argumentIf(plan.about().length != model.config().features(),
                plan.about().length + " features for a model of " + model.config().features());
        fresh.add(new TextStream(plan, receiver, vocabulary, firstSymbol));
    }

    /** The number of texts that have neither ended nor been dropped. */
    public int size() {
        return begun.size() + fresh.size();
    }

    /** Advances every text whose receiver is ready by one symbol. Returns false if no receiver was ready. */
    public boolean step() {
        List<TextStream> beginning = List.copyOf(fresh);
        fresh.clear();
        begun.addAll(beginning);
        beginning.forEach(text -> guarded(text, () -> {
            text.begin();
            finish(text, false);
        }));
        begun.stream().filter(text -> text.isOpen() && !text.receiver().listening()).toList().forEach(this::drop);
        List<TextStream> ready = begun.stream().filter(text -> text.isOpen() && text.receiver().ready()).toList();
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
                if (text.plan().hidden()) {
                    text.receiver().hidden(text.position(), batch.hidden(text));
                }
                if (!finish(text, true)) {
                    text.follow(row, shares, draw);
                    finish(text, false);
                }
            });
        }
    }

    /** Ends the text if it is over. Returns whether it is. */
    private boolean finish(TextStream text, boolean fed) {
        GrowingText.Ending ending = text.over(fed);
        if (ending != null) {
            text.receiver().end(ending, text.plan().options().keepState() ? batch.state(text) : null);
            drop(text);
        }
        return ending != null;
    }

    /** Runs an action of a text. A failure ends this text alone. */
    private void guarded(TextStream text, Runnable action) {
        try {
            action.run();
        } catch (CharlstmException e) {
            text.receiver().failed(e);
            drop(text);
        }
    }

    private void drop(TextStream text) {
        text.close();
        batch.forget(text);
    }

    /** Drops all texts, without any further call to their receivers. */
    @Override
    public void close() {
        batch.close();
    }
}
