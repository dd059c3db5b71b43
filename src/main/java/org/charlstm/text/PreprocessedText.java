package org.charlstm.text;

import java.io.IOException;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Characters as a preprocessing makes them, word by word, so that memory is that of a word. */
final class PreprocessedText implements CodePoints {
    private final CodePoints text;
    private final Preprocessing how;
    private final boolean lines;
    private final @Nullable BitSet alphabet;
    /** A word as it became, how far it has been given, and what begins the next one. */
    private int[] word = {};
    private int at;
    private int ahead;
    private boolean begun;
    private long left;
    private long leftWords;
    private long total;

    /**
     * Characters of a text.
     *
     * @param lines whether line feeds stand between captions, and so stay
     */
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
            left++;
            leftWords += CaptionFile.isBlank(next) ? 0 : 1;
        }
    }

    /** How many characters have been left out, because the alphabet lacks them. */
    long left() {
        return left;
    }

    /** How many of these are no white space. */
    long leftWords() {
        return leftWords;
    }

    /** Of how many. */
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
                // What follows is not looked at before somebody asks for it.
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

    /** Whether what comes before a character changes neither what it becomes, nor is changed by it. */
    private static boolean beginsAnew(int codePoint) {
        return codePoint <= ' ' || Character.isIdeographic(codePoint);
    }
}
