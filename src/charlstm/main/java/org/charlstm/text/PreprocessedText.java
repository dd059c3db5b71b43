package org.charlstm.text;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Preprocesses characters word by word, with at most one word in memory. */
final class PreprocessedText implements CodePoints {
    private final CodePoints text;
    private final Preprocessing how;
    private final boolean lines;
    private final @Nullable BitSet alphabet;
    /** The preprocessed word, the number of its returned characters, and the first character of the next word. */
    private int[] word = {};
    private int at;
    private int ahead;
    private boolean begun;
    private long skipped;
    private long skippedInWords;
    private long total;

    /** Preprocesses a text. {@code lines} says that line feeds separate captions and must stay. */
    PreprocessedText(CodePoints text, Preprocessing how, boolean lines) {
        this.text = text;
        this.how = how;
        this.lines = lines;
        if (how.alphabet() == null) {
            alphabet = null;
        } else {
            alphabet = new BitSet();
            how.alphabet().codePoints().forEach(alphabet::set);
        }
    }

    @Override
    public int next() throws IOException {
        while (true) {
            int next = how.changes() ? changed() : text.next();
            if (next == END || (lines && next == '\n')) {
                return next;
            }
            total++;
            if (alphabet == null || alphabet.get(next)) {
                return next;
            }
            skipped++;
            skippedInWords += CaptionFile.isBlank(next) ? 0 : 1;
        }
    }

    /** How many characters have been left out because they are not in the alphabet. */
    long skipped() {
        return skipped;
    }

    /** How many of the characters left out are not white space. */
    long skippedInWords() {
        return skippedInWords;
    }

    /** How many characters were read, including the characters left out. */
    long total() {
        return total;
    }

    private int changed() throws IOException {
        while (at == word.length) {
            if (!begun) {
                ahead = text.next();
                begun = true;
            }
            if (ahead == END) {
                return END;
            }
            if (ahead == '\n') {
                // Does not read ahead: a terminal delivers the next line only later.
                begun = false;
                return '\n';
            }
            StringBuilder read = new StringBuilder();
            do {
                read.appendCodePoint(ahead);
                ahead = text.next();
            } while (ahead != END && !beginsAnew(ahead));
            word = how.normalized(read.toString()).codePoints().toArray();
            at = 0;
        }
        return word[at++];
    }

    /** Whether normalisation and lower case treat a character independently of the character before. */
    private static boolean beginsAnew(int codePoint) {
        return codePoint <= ' ' || Character.isIdeographic(codePoint);
    }
}
