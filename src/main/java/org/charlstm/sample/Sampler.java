package org.charlstm.sample;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.charlstm.CharlstmException;
import org.charlstm.device.Lease;
import org.charlstm.nn.Model;
import org.charlstm.text.Vocabulary;

/**
 * Writes new sentences, symbol by symbol, from a state of zeros and the start symbol, or where there is none from the
 * sentence's given beginning. Sentences are computed side by side; each is the same whatever the number asked for. One
 * thread at a time samples on a device; a second is refused with an {@link IllegalStateException}.
 */
public final class Sampler {
    /** Sentences side by side at most, so that memory does not grow with their number. */
    private static final int MAX_BATCH = 64;
    /** The same on a device that waits for nothing between two symbols. */
    private static final int MAX_BATCH_AHEAD = 4096;

    private final Model model;
    private final Vocabulary vocabulary;
    private final SamplingOptions options;
    private final int[] prime;
    private boolean ahead;

    /** Receives the sentences as they grow. */
    public interface Sink {
        /**
         * One more symbol of a sentence.
         *
         * @param sentence from 0
         * @param symbol   its id; the end symbol only if sampling goes past it
         */
        void symbol(int sentence, int symbol);

        /**
         * A sentence is whole.
         *
         * @param sentence from 0
         */
        void end(int sentence);

        /**
         * Whether anybody still listens.
         *
         * @return false to stop
         */
        default boolean listening() {
            return true;
        }
    }

    /**
     * A sampler.
     *
     * @param model      the model
     * @param vocabulary its symbols
     * @param options    how to sample
     * @throws IllegalArgumentException if the vocabulary has not as many symbols as the model
     * @throws CharlstmException if the beginning has a character that the vocabulary lacks, is too long, or is empty
     *                           where there is no start symbol
     */
    public Sampler(Model model, Vocabulary vocabulary, SamplingOptions options) {
        if (vocabulary.size() != model.config().symbols()) {
            throw new IllegalArgumentException("a vocabulary of " + vocabulary.size() + " symbols for a model of "
                    + model.config().symbols());
        }
        this.model = model;
        this.vocabulary = vocabulary;
        this.options = options;
        prime = vocabulary.encode(options.prime(), "the beginning");
        if (prime.length == 0 && !vocabulary.hasMarkers()) {
            throw new CharlstmException("the model has no start symbol to begin with; give a beginning")
                    .mendedBy("prime");
        }
        if (prime.length > options.maxLength()) {
            throw new CharlstmException("the beginning has " + prime.length + " characters, more than the "
                    + options.maxLength() + " that a sentence may have; allow more").mendedBy("max-length");
        }
    }

    /**
     * Writes sentences and returns them.
     *
     * @param count how many, at least 1
     * @return the sentences
     */
    public List<String> sentences(int count) {
        return sentences(count, () -> true).orElseThrow();
    }

    /**
     * Writes sentences and returns them, unless it is told to end.
     *
     * @param count how many, at least 1
     * @param goOn  asked now and then, always after the last symbol
     * @return the sentences; empty if it was told to end
     */
    public Optional<List<String>> sentences(int count, BooleanSupplier goOn) {
        List<StringBuilder> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(new StringBuilder());
        }
        sample(count, new Sink() {
            @Override
            public void symbol(int sentence, int symbol) {
                texts.get(sentence).append(vocabulary.text(symbol));
            }

            @Override
            public void end(int sentence) {
                // The text is complete.
            }

            @Override
            public boolean listening() {
                return goOn.getAsBoolean();
            }
        });
        return goOn.getAsBoolean() ? Optional.of(texts.stream().map(StringBuilder::toString).toList())
                : Optional.empty();
    }

    /**
     * Writes sentences as they grow.
     *
     * @param count how many, at least 1
     * @param sink  receives them
     * @throws CharlstmException     if the model gives NaN
     * @throws IllegalStateException if the model or its device is closed, or in use by another thread
     */
    public void sample(int count, Sink sink) {
        if (count < 1) {
            throw new IllegalArgumentException(count + " sentences; there must be at least 1");
        }
        try (Lease _ = model.device().lease()) {
            write(count, sink);
        }
    }

    private void write(int count, Sink sink) {
        // The state to keep is the one at a sentence's end, which has to be seen before it is left behind.
        ahead = model.device().runsBehind() && !options.keepState() && options.window() == 0;
        int batch = options.keepState() ? 1 : Math.min(count, ahead ? MAX_BATCH_AHEAD : MAX_BATCH);
        Stepper stepper = stepper(batch);
        try {
            for (int first = 0; first < count && sink.listening(); first += batch) {
                if (count - first < batch) {
                    stepper.close();
                    batch = count - first;
                    stepper = stepper(batch);
                } else if (first > 0 && !options.keepState()) {
                    stepper.reset();
                }
                sampleBatch(stepper, first, batch, sink);
            }
        } finally {
            stepper.close();
        }
    }

    private Stepper stepper(int batch) {
        return options.window() == 0 ? new StatefulStepper(model, batch)
                : new WindowStepper(model, batch, options.window());
    }

    private void sampleBatch(Stepper stepper, int first, int batch, Sink sink) {
        stepper.number(first, prime.length);
        if (vocabulary.hasMarkers()) {
            stepper.feed(vocabulary.start());
        }
        for (int symbol : prime) {
            for (int i = 0; i < batch; i++) {
                sink.symbol(first + i, symbol);
            }
            stepper.feed(symbol);
        }
        boolean[] ended = new boolean[batch];
        if (ahead) {
            drawAhead((StatefulStepper) stepper, first, ended, sink);
        } else {
            drawOneByOne(stepper, first, ended, sink);
        }
        for (int i = 0; i < batch; i++) {
            if (!ended[i]) {
                sink.end(first + i);
            }
        }
    }

    private void drawOneByOne(Stepper stepper, int first, boolean[] ended, Sink sink) {
        int open = ended.length;
        for (int at = prime.length; at < options.maxLength() && open > 0 && sink.listening(); at++) {
            int[] drawn = stepper.draw(options.draw(), options.seed());
            open -= take(drawn, 0, first, ended, sink);
            for (int i = 0; i < ended.length; i++) {
                // What would follow an end means nothing, and need not even be a symbol.
                drawn[i] = ended[i] ? vocabulary.end() : drawn[i];
            }
            if (open > 0 || options.keepState()) {
                stepper.feed(drawn);
            }
        }
    }

    private void drawAhead(StatefulStepper stepper, int first, boolean[] ended, Sink sink) {
        int open = ended.length;
        int at = prime.length;
        while (at < options.maxLength() && open > 0 && sink.listening()) {
            int steps = Math.min(StatefulStepper.AHEAD, options.maxLength() - at);
            int[] drawn = stepper.drawAhead(options.draw(), options.seed(), steps);
            for (int i = 0; i < steps; i++) {
                open -= take(drawn, i * ended.length, first, ended, sink);
            }
            at += steps;
        }
    }

    /** Hands a position's symbols on; says how many sentences they ended. */
    private int take(int[] drawn, int from, int first, boolean[] ended, Sink sink) {
        int ends = 0;
        for (int i = 0; i < ended.length; i++) {
            if (!ended[i] && take(first + i, drawn[from + i], sink)) {
                ended[i] = true;
                ends++;
            }
        }
        return ends;
    }

    /** Hands a symbol on; says whether it ended the sentence. */
    private boolean take(int sentence, int symbol, Sink sink) {
        if (symbol < 0) {
            throw new CharlstmException("the model gives NaN; its training diverged, or its file is broken");
        }
        if (vocabulary.isEnd(symbol) && !options.pastEnd()) {
            sink.end(sentence);
            return true;
        }
        sink.symbol(sentence, symbol);
        return false;
    }
}
