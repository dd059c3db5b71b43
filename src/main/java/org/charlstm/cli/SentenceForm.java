package org.charlstm.cli;

import com.google.gson.JsonPrimitive;
import org.charlstm.io.Json;
import org.charlstm.text.Vocabulary;

/** How sentences are written one after the other, as they grow. */
interface SentenceForm {
    /** What stands between running texts, which have lines themselves. */
    String SEPARATOR = "-".repeat(20);

    /** What goes before a sentence, of which the number is from 0. */
    String before(int sentence);

    /** A symbol of a sentence. */
    String symbol(String text);

    /** What goes after a sentence. */
    String after(int sentence);

    /** One a line; running text as it is, with a line between one and the next. */
    static SentenceForm lines(Vocabulary vocabulary, int count) {
        return new SentenceForm() {
            @Override
            public String before(int sentence) {
                return "";
            }

            @Override
            public String symbol(String text) {
                // Captions have no lines: what is a line of its own is a sentence.
                return Visible.sentence(text, !vocabulary.hasMarkers());
            }

            @Override
            public String after(int sentence) {
                return vocabulary.hasMarkers() || sentence == count - 1 ? "\n" : "\n" + SEPARATOR + "\n";
            }
        };
    }

    /** The elements of a JSON array. */
    static SentenceForm json(String indent) {
        return new SentenceForm() {
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
