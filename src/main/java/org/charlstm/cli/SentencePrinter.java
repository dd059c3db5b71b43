package org.charlstm.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.charlstm.sample.Sampler;
import org.charlstm.text.Vocabulary;

/**
 * Prints sentences one a line, and running text as it is with a line between one and the next, in their order: the
 * first that is not whole streams as it grows, those after it wait.
 */
final class SentencePrinter implements Sampler.Sink {
    /** What stands between running texts, which have lines themselves. */
    static final String SEPARATOR = "-".repeat(20);

    private final PrintStream out;
    private final Vocabulary vocabulary;
    private final int count;
    /** By number, those already printed null. */
    private final List<Waiting> waiting = new ArrayList<>();
    private int streaming;
    private long symbols;
    private boolean listening = true;

    private static final class Waiting {
        private final StringBuilder text = new StringBuilder();
        private boolean whole;
    }

    SentencePrinter(PrintStream out, Vocabulary vocabulary, int count) {
        this.out = out;
        this.vocabulary = vocabulary;
        this.count = count;
    }

    @Override
    public void symbol(int sentence, int symbol) {
        symbols++;
        // Captions have no lines: what is a line of its own is a sentence.
        String text = Visible.sentence(vocabulary.text(symbol), !vocabulary.hasMarkers());
        if (sentence == streaming) {
            print(text);
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
        streaming++;
        print(vocabulary.hasMarkers() || streaming == count ? "\n" : "\n" + SEPARATOR + "\n");
        if (streaming < waiting.size()) {
            Waiting next = waiting.set(streaming, null);
            print(next.text.toString());
            if (next.whole) {
                end(streaming);
            }
        }
    }

    private Waiting waiting(int sentence) {
        while (waiting.size() <= sentence) {
            waiting.add(new Waiting());
        }
        return waiting.get(sentence);
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
