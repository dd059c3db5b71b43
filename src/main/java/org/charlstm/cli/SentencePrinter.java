package org.charlstm.cli;

import java.io.PrintStream;
import java.util.Map;
import java.util.TreeMap;
import org.charlstm.generate.Sampler;
import org.charlstm.text.Vocabulary;

/**
 * Prints sentences one a line in their order: the first that is not whole streams as it grows, those after it wait.
 */
final class SentencePrinter implements Sampler.Sink {
    private final PrintStream out;
    private final Vocabulary vocabulary;
    private final Map<Integer, Waiting> waiting = new TreeMap<>();
    private int streaming;
    private long symbols;
    private boolean listening = true;

    private static final class Waiting {
        private final StringBuilder text = new StringBuilder();
        private boolean whole;
    }

    SentencePrinter(PrintStream out, Vocabulary vocabulary) {
        this.out = out;
        this.vocabulary = vocabulary;
    }

    @Override
    public void symbol(int sentence, int symbol) {
        symbols++;
        if (sentence == streaming) {
            print(vocabulary.text(symbol));
        } else {
            waiting.computeIfAbsent(sentence, s -> new Waiting()).text.append(vocabulary.text(symbol));
        }
    }

    @Override
    public void end(int sentence) {
        if (sentence != streaming) {
            waiting.computeIfAbsent(sentence, s -> new Waiting()).whole = true;
            return;
        }
        print("\n");
        streaming++;
        Waiting next = waiting.remove(streaming);
        if (next != null) {
            print(next.text.toString());
            if (next.whole) {
                end(streaming);
            }
        }
    }

    /** How many it was given. */
    long symbols() {
        return symbols;
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
