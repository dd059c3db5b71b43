package org.charlstm.text;

/** How many characters (code points) of a text were left out because they are not in a vocabulary or an alphabet. */
public record UnknownCharacters(long skipped, long total) {
    /** The counts of an empty text. */
    public static final UnknownCharacters NONE = new UnknownCharacters(0, 0);

    /** The sum over two texts. */
    public UnknownCharacters and(UnknownCharacters more) {
        return new UnknownCharacters(skipped + more.skipped, total + more.total);
    }
}
