package org.charlstm.cli.model;

import com.google.gson.JsonPrimitive;
import module java.base;
import org.charlstm.base.Json;
import org.charlstm.cli.console.Printable;
import org.charlstm.sample.Sampler;
import org.charlstm.text.Vocabulary;

/**
 * Prints sentences in their order: the first that is not whole streams as it grows, those after it wait. What is kept
 * does not grow with how many there are.
 */
final class SentencePrinter implements Sampler.Sink {
    /** How sentences are written one after the other; {@code between} stands before each but the first. */
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
    /** The texts of those that were begun and are not printed yet, by number. */
    private final Map<Integer, StringBuilder> waiting = new HashMap<>();
    private final Set<Integer> whole = new HashSet<>();
    private int streaming;
    private boolean begun;
    /** How many it was given. */
    long symbols;
    private boolean listening = true;

    SentencePrinter(PrintStream out, Vocabulary vocabulary, Form form) {
        this.out = out;
        this.vocabulary = vocabulary;
        this.form = form;
    }

    @Override
    public void symbol(int sentence, int symbol) {
        symbols++;
        add(sentence, form.symbol.apply(vocabulary.written(symbol)));
    }

    @Override
    public void end(int sentence) {
        add(sentence, form.after);
        whole.add(sentence);
        while (whole.remove(streaming)) {
            streaming++;
            StringBuilder next = waiting.remove(streaming);
            begun = next != null;
            if (next != null) {
                print(next.toString());
            }
        }
    }

    private void add(int sentence, String text) {
        String before = (sentence == 0 ? "" : form.between) + form.before;
        if (sentence == streaming) {
            print(begun ? text : before + text);
            begun = true;
        } else {
            waiting.computeIfAbsent(sentence, _ -> new StringBuilder(before)).append(text);
        }
    }

    private void print(String text) {
        out.print(text);
        listening = !out.checkError();
    }

    /** A reader that has gone away, as {@code head} does, ends the sampling without a word. */
    @Override
    public boolean listening() {
        return listening;
    }
}
