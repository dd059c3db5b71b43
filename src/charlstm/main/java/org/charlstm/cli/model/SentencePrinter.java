package org.charlstm.cli.model;

import com.google.gson.JsonPrimitive;
import module java.base;
import org.charlstm.base.Json;
import org.charlstm.cli.console.Printable;
import org.charlstm.sample.Sampler;
import org.charlstm.text.Vocabulary;

/**
 * Prints sentences in order. The first incomplete sentence is streamed as it grows, while later sentences wait. Memory
 * does not grow with the number of sentences.
 */
final class SentencePrinter implements Sampler.Sink {
    /** The form in which sentences are written; {@code between} precedes each sentence except the first. */
    record Form(String between, String before, UnaryOperator<String> symbol, String after) {
        /** One sentence per line; running text, which has lines itself, is separated by a line of hyphens. */
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
    /** The texts of sentences that have begun but are not printed yet, by number. */
    private final Map<Integer, StringBuilder> waiting = new HashMap<>();
    private final Set<Integer> whole = new HashSet<>();
    private int streaming;
    private boolean begun;
    /** The number of symbols received. */
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

    /** False once the reader has gone away, as {@code head} does; sampling then ends silently. */
    @Override
    public boolean listening() {
        return listening;
    }
}
