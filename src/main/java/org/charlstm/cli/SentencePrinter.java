package org.charlstm.cli;

import com.google.gson.JsonPrimitive;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;
import org.charlstm.io.Json;
import org.charlstm.sample.Sampler;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * Prints sentences in their order: the first that is not whole streams as it grows, those after it wait. What is kept
 * does not grow with how many there are.
 */
final class SentencePrinter implements Sampler.Sink {
    /** How sentences are written one after the other, as they grow. */
    interface Form {
        /** The line between running texts, which have lines themselves. */
        String SEPARATOR = "-".repeat(20);

        /** The text before a sentence, which is numbered from 0. */
        String before(int sentence);

        /** A symbol of a sentence. */
        String symbol(String text);

        /** The text after a sentence. */
        String after(int sentence);

        /** One a line; running text as it is, with a line between one and the next. */
        static Form lines(Vocabulary vocabulary, int count) {
            return new Form() {
                @Override
                public String before(int sentence) {
                    return "";
                }

                @Override
                public String symbol(String text) {
                    // Captions have no lines: what is a line of its own is a sentence.
                    return Printable.sentence(text, !vocabulary.hasMarkers());
                }

                @Override
                public String after(int sentence) {
                    return vocabulary.hasMarkers() || sentence == count - 1 ? "\n" : "\n" + SEPARATOR + "\n";
                }
            };
        }

        /** The elements of a JSON array. */
        static Form json(String indent) {
            return new Form() {
                @Override
                public String before(int sentence) {
                    return (sentence == 0 ? "" : ",\n") + indent + '"';
                }

                @Override
                public String symbol(String text) {
                    String quoted = Json.compact(new JsonPrimitive(text));
                    return quoted.substring(1, quoted.length() - 1);
                }

                @Override
                public String after(int sentence) {
                    return "\"";
                }
            };
        }
    }

    private final PrintStream out;
    private final Vocabulary vocabulary;
    private final Form form;
    /** Those that were begun and are not printed yet, by number. */
    private final Map<Integer, Waiting> waiting = new HashMap<>();
    private int streaming;
    private boolean begun;
    private long symbols;
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
        String text = form.symbol(vocabulary.written(symbol));
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
        StringBuilder text = new StringBuilder(begin()).append(form.after(sentence));
        Waiting next = next();
        while (next != null) {
            text.append(begin()).append(next.text);
            if (!next.whole) {
                break;
            }
            text.append(form.after(streaming));
            next = next();
        }
        print(text.toString());
    }

    /** Goes over to the next sentence. */
    private @Nullable Waiting next() {
        streaming++;
        begun = false;
        return waiting.remove(streaming);
    }

    private String begin() {
        String before = begun ? "" : form.before(streaming);
        begun = true;
        return before;
    }

    private Waiting waiting(int sentence) {
        return waiting.computeIfAbsent(sentence, _ -> new Waiting());
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
