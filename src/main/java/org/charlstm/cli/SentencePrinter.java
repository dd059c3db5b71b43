package org.charlstm.cli;

import com.google.gson.JsonPrimitive;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.charlstm.io.Json;
import org.charlstm.sample.Sampler;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * Prints sentences in their order: the first that is not whole streams as it grows, those after it wait. What is kept
 * does not grow with how many there are.
 */
final class SentencePrinter implements Sampler.Sink {
    /**
     * How sentences are written one after the other, as they grow.
     *
     * @param between before each but the first
     * @param symbol  of a symbol's text
     */
    record Form(String between, String before, UnaryOperator<String> symbol, String after) {
        /** One a line; running text, which has lines itself, with a line of hyphens between. */
        static Form lines(Vocabulary vocabulary) {
            boolean running = !vocabulary.hasMarkers();
            return new Form(running ? "-".repeat(20) + "\n" : "", "", text -> Printable.sentence(text, running), "\n");
        }

        static Form json(String indent) {
            return new Form(",\n", indent + '"', text -> {
                String quoted = Json.compact(new JsonPrimitive(text));
                return quoted.substring(1, quoted.length() - 1);
            }, "\"");
        }
    }

    private final PrintStream out;
    private final Vocabulary vocabulary;
    private final Form form;
    /** Those that were begun and are not printed yet, by number. */
    private final Map<Integer, Waiting> waiting = new HashMap<>();
    private int streaming;
    private boolean begun;
    /** How many it was given. */
    long symbols;
    private boolean listening = true;

    private static final class Waiting {
        private final StringBuilder text = new StringBuilder();
        private boolean whole;
    }

    SentencePrinter(PrintStream out, Vocabulary vocabulary, Form form) {
        this.out = out;
        this.vocabulary = vocabulary;
        this.form = form;
    }

    @Override
    public void symbol(int sentence, int symbol) {
        symbols++;
        String text = form.symbol.apply(vocabulary.written(symbol));
        if (sentence == streaming) {
            print(begin() + text);
        } else {
            waiting(sentence).text.append(text);
        }
    }

    @Override
    public void end(int sentence) {
        if (sentence != streaming) {
            waiting(sentence).whole = true;
            return;
        }
        StringBuilder text = new StringBuilder(begin()).append(form.after);
        Waiting next = next();
        while (next != null) {
            text.append(begin()).append(next.text);
            if (!next.whole) {
                break;
            }
            text.append(form.after);
            next = next();
        }
        print(text.toString());
    }

    private @Nullable Waiting next() {
        streaming++;
        begun = false;
        return waiting.remove(streaming);
    }

    private String begin() {
        String before = begun ? "" : (streaming == 0 ? "" : form.between) + form.before;
        begun = true;
        return before;
    }

    private Waiting waiting(int sentence) {
        return waiting.computeIfAbsent(sentence, _ -> new Waiting());
    }

    /** A reader that has gone away, as {@code head} does, ends the sampling without a word. */
    @Override
    public boolean listening() {
        return listening;
    }

    private void print(String text) {
        out.print(text);
        listening = !out.checkError();
    }
}
