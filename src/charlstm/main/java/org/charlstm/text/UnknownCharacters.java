package org.charlstm.text;

/**
 * How much of a text was left out because it is not in a vocabulary or an alphabet.
 *
 * @param skipped how many characters (code points)
 */
public record UnknownCharacters(long skipped, long total) {
    /** Nothing of no text. */
    public static final UnknownCharacters NONE = new UnknownCharacters(0, 0);

    /** The sum over two texts. */
    public UnknownCharacters and(UnknownCharacters more) {
        return new UnknownCharacters(skipped + more.skipped, total + more.total);
    }
}
