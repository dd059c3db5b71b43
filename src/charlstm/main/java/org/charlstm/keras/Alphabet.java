package org.charlstm.keras;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Setting;
import org.charlstm.text.Vocabulary;

/**
 * Makes the vocabulary of a Keras model, since a model's file does not name its characters. A model with one column per
 * character has no start and end symbols; with two more columns, these are the last two symbols.
 */
public final class Alphabet {
    /** The order of a text's characters. */
    public enum Order {
        /** By code point, as in Python's sort and Keras' text-generation example. */
        CODE_POINT,
        /** By first appearance, as in the lab. */
        APPEARANCE;

        /** The order's name on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private Alphabet() {
    }

    /** A vocabulary of characters in column order. Fails if a character occurs twice or their number does not fit. */
    public static Vocabulary of(String characters, int symbols) {
        int count = characters.codePointCount(0, characters.length());
        if (!fits(count, symbols)) {
            throw new CharlstmException("the alphabet has " + count + " characters; " + wanted(symbols));
        }
        return count == symbols ? Vocabulary.withoutMarkers(characters) : Vocabulary.ofCharacters(characters);
    }

    /**
     * The vocabulary of a text, in a given order of columns; {@code source} names the text in messages. Line ends count
     * as characters if that fits the number of symbols. Fails if the text has too few or too many characters.
     */
    public static Vocabulary ofText(String source, String text, Order order, int symbols) {
        return fitting(text, order, symbols).map(characters -> of(characters, symbols)).orElseThrow(() -> {
            boolean lower = fitting(text.toLowerCase(Locale.ROOT), order, symbols).isPresent();
            return new CharlstmException(source + " has " + text.codePoints().distinct().count()
                    + " characters, line ends included; " + wanted(symbols) + (lower ? "; in lower case it fits" : ""))
                    .mendedBy(lower ? new Setting[] {Setting.LOWER_CASE} : new Setting[0]);
        });
    }

    /** Whether a text, with or without its line ends, has the number of characters that a model needs. */
    public static boolean fits(String text, int symbols) {
        return fitting(text, Order.CODE_POINT, symbols).isPresent();
    }

    private static Optional<String> fitting(String text, Order order, int symbols) {
        String whole = characters(text, order);
        return Stream.of(whole, whole.replace("\n", ""))
                .filter(characters -> fits(characters.codePointCount(0, characters.length()), symbols)).findFirst();
    }

    private static String characters(String text, Order order) {
        IntStream distinct = text.codePoints().distinct();
        int[] characters = (order == Order.CODE_POINT ? distinct.sorted() : distinct).toArray();
        return new String(characters, 0, characters.length);
    }

    private static boolean fits(int characters, int symbols) {
        return characters > 0 && (characters == symbols || characters + 2 == symbols);
    }

    /** Says how many characters a model needs. */
    public static String wanted(int symbols) {
        return "the model has " + symbols + " symbols: give as many characters"
                + (symbols > 2 ? ", or " + (symbols - 2) + " if its last two are start and end" : "");
    }
}
