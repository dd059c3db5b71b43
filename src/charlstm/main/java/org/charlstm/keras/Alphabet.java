package org.charlstm.keras;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Setting;
import org.charlstm.text.Vocabulary;

/**
 * Makes the vocabulary of a Keras model, whose file does not name its characters. If the model has as many columns as
 * there are characters, there are no start and end symbols; if it has two more, these are the last two.
 */
public final class Alphabet {
    /** The order of a text's characters. */
    public enum Order {
        /** By code point, as Python sorts them, and Keras' text-generation example. */
        CODE_POINT,
        /** By first appearance, as in the lab. */
        APPEARANCE;

        /** As the command line names it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private Alphabet() {
    }

    /** A vocabulary of characters in the order of the columns. Fails if one comes twice, or their number is wrong. */
    public static Vocabulary of(String characters, int symbols) {
        int count = characters.codePointCount(0, characters.length());
        if (!fits(count, symbols)) {
            throw new CharlstmException("the alphabet has " + count + " characters; " + wanted(symbols));
        }
        return count == symbols ? Vocabulary.withoutMarkers(characters) : Vocabulary.ofCharacters(characters);
    }

    /**
     * The vocabulary of a text, which messages name by its source, in an order of the columns. Line ends are characters
     * if that fits the number of symbols. Fails if the text has too few or too many characters.
     */
    public static Vocabulary ofText(String source, String text, Order order, int symbols) {
        return fitting(text, order, symbols).map(characters -> of(characters, symbols)).orElseThrow(() -> {
            boolean lower = fitting(text.toLowerCase(Locale.ROOT), order, symbols).isPresent();
            return new CharlstmException(source + " has " + text.codePoints().distinct().count()
                    + " characters, line ends included; " + wanted(symbols) + (lower ? "; in lower case it fits" : ""))
                    .mendedBy(lower ? new Setting[] {Setting.LOWER_CASE} : new Setting[0]);
        });
    }

    /** Whether a text has as many characters as a model of so many symbols wants, with its line ends or without. */
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

    /** Says how many characters a model wants. */
    public static String wanted(int symbols) {
        return "the model has " + symbols + " symbols: give as many characters"
                + (symbols > 2 ? ", or " + (symbols - 2) + " if its last two are start and end" : "");
    }
}
