package org.charlstm.text;

/**
 * How much of a text was left out because a vocabulary, or an alphabet, lacks it.
 *
 * @param skipped how many characters (code points)
 */
public record UnknownCharacters(long skipped, long total) {
    /** Of no text. */
    public static final UnknownCharacters NONE = new UnknownCharacters(0, 0);

    /** The same of two texts. */
    public UnknownCharacters and(UnknownCharacters more) {
        return new UnknownCharacters(skipped + more.skipped, total + more.total);
    }
}
