package org.charlstm.generate;

import java.util.ArrayList;
import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.device.Ints;
import org.charlstm.nn.Model;
import org.charlstm.text.Vocabulary;

/**
 * Writes new sentences, symbol by symbol, from a state of zeros and the start symbol. Sentences are computed side by
 * side; each is the same whatever the number asked for.
 */
public final class Sampler {
    /** Sentences side by side at most, so that memory does not grow with their number. */
    private static final int MAX_BATCH = 64;

    private final Model model;
    private final Vocabulary vocabulary;
    private final SamplingOptions options;
    private final int[] prime;

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
     * @throws CharlstmException if the beginning has a character that the vocabulary lacks
     */
    public Sampler(Model model, Vocabulary vocabulary, SamplingOptions options) {
        this.model = model;
        this.vocabulary = vocabulary;
        this.options = options;
        prime = vocabulary.encode(options.prime(), "the beginning '" + options.prime() + "'");
    }

    /**
     * Writes sentences and returns them.
     *
     * @param count how many
     * @return the sentences
     */
    public List<String> sentences(int count) {
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
        });
        return texts.stream().map(StringBuilder::toString).toList();
    }

    /**
     * Writes sentences as they grow.
     *
     * @param count how many
     * @param sink  receives them
     * @throws CharlstmException if the model gives NaN
     */
    public void sample(int count, Sink sink) {
        int batch = options.keepState() ? 1 : Math.min(count, MAX_BATCH);
        Stepper stepper = new Stepper(model, batch);
        try {
            for (int first = 0; first < count && sink.listening(); first += batch) {
                if (count - first < batch) {
                    stepper.close();
                    batch = count - first;
                    stepper = new Stepper(model, batch);
                } else if (!options.keepState()) {
                    stepper.reset();
                }
                sampleBatch(stepper, first, batch, sink);
            }
        } finally {
            stepper.close();
        }
    }

    private void sampleBatch(Stepper stepper, int first, int batch, Sink sink) {
        Ints sentences = stepper.memory().ints(batch);
        Ints position = stepper.memory().ints(1);
        int[] numbers = new int[batch];
        for (int i = 0; i < batch; i++) {
            numbers[i] = first + i;
        }
        sentences.write(numbers);
        position.write(new int[] {prime.length});
        stepper.feed(vocabulary.start());
        for (int symbol : prime) {
            for (int i = 0; i < batch; i++) {
                sink.symbol(first + i, symbol);
            }
            stepper.feed(symbol);
        }
        boolean[] ended = new boolean[batch];
        int open = batch;
        for (int at = prime.length; at < options.maxLength() && open > 0 && sink.listening(); at++) {
            model.device().operations().draw(stepper.logits(), options.temperature(), options.seed(), sentences,
                    position, stepper.inputs());
            model.device().operations().add(position, 1);
            int[] drawn = stepper.inputs().read();
            for (int i = 0; i < batch; i++) {
                if (!ended[i] && take(first + i, drawn[i], sink)) {
                    ended[i] = true;
                    open--;
                }
            }
            if (open > 0 || options.keepState()) {
                stepper.step();
            }
        }
        for (int i = 0; i < batch; i++) {
            if (!ended[i]) {
                sink.end(first + i);
            }
        }
    }

    /** Hands a symbol on; says whether it ended the sentence. */
    private boolean take(int sentence, int symbol, Sink sink) {
        if (symbol < 0) {
            throw new CharlstmException("the model gives NaN; its training diverged, or its file is broken");
        }
        if (symbol == vocabulary.end() && !options.pastEnd()) {
            sink.end(sentence);
            return true;
        }
        sink.symbol(sentence, symbol);
        return false;
    }
}
