package org.charlstm.text;

/**
 * How much of a text was left out because a vocabulary, or an alphabet, lacks it.
 *
 * @param skipped how many characters (code points)
 * @param total   of how many
 */
public record UnknownCharacters(long skipped, long total) {
}
