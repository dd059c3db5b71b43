package org.charlstm.text;

import java.text.BreakIterator;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Splits running text into its sentences, by the JDK's {@link BreakIterator}: within paragraphs, which blank lines
 * part. White space between the words of a sentence, line feeds among it, becomes one space.
 */
final class Sentences {
    private final BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ROOT);
    private final CaptionBuilder builder;
    private final int max;
    private final Preprocessing how;
    private final StringBuilder paragraph = new StringBuilder();
    /** Where the paragraph begins, and where the reading is. */
    private int first = 1;
    private int line = 1;
    private boolean blank = true;
    private long left;
    private long total;

    Sentences(CaptionBuilder builder, int max, Preprocessing how) {
        this.builder = builder;
        this.max = max;
        this.how = how;
    }

    /** What the alphabet lacks; null for one of all characters. */
    @Nullable
    UnknownCharacters outside() {
        return how.alphabet() == null ? null : new UnknownCharacters(left, total);
    }

    /** Says that what follows is from another file. */
    void begin(Sources.Part part) {
        end();
        builder.begin(part);
        line = 1;
        first = 1;
    }

    /** The next character; false where no more are wanted. */
    boolean take(int codePoint) {
        if (codePoint == '\n' && blank) {
            end();
            line++;
            first = line;
            return builder.count() < max;
        }
        paragraph.appendCodePoint(codePoint);
        blank = codePoint == '\n' || (blank && Character.isWhitespace(codePoint));
        line += codePoint == '\n' ? 1 : 0;
        return builder.count() < max;
    }

    /** Takes what is left of the paragraph apart. */
    void end() {
        String text = paragraph.toString();
        paragraph.setLength(0);
        breaks.setText(text);
        int at = first;
        int from = breaks.first();
        for (int to = breaks.next(); to != BreakIterator.DONE && builder.count() < max; from = to, to = breaks.next()) {
            String sentence = text.substring(from, to);
            int[] all = how.normalized(sentence.strip().replaceAll("\\s+", " ")).codePoints().toArray();
            int[] words = IntStream.of(all).filter(how::keeps).toArray();
            total += all.length;
            left += all.length - words.length;
            if (IntStream.of(words).anyMatch(character -> !CaptionFile.isBlank(character))) {
                builder.add(words, words.length, at + lines(sentence.substring(0, sentence.indexOf(sentence.strip()))));
            } else if (all.length > 0) {
                builder.leaveOut();
            }
            at += lines(sentence);
        }
    }

    private static int lines(String text) {
        return (int) text.chars().filter(c -> c == '\n').count();
    }
}
