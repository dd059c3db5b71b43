package org.charlstm.text;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.charlstm.CharlstmException;

/**
 * The symbols of a model: characters (code points) in order of first appearance, then a start and an end symbol, which
 * are symbols of their own and no letters.
 */
public final class Vocabulary {
    /** How the start symbol is written where each symbol takes one column. */
    public static final String START_SIGN = "\u22A2";
    /** How the end symbol is written where each symbol takes one column. */
    public static final String END_SIGN = "\u22A3";

    private final int[] characters;
    private final Map<Integer, Integer> ids = new HashMap<>();

    private Vocabulary(int[] characters) {
        this.characters = characters;
        for (int i = 0; i < characters.length; i++) {
            if (ids.put(characters[i], i) != null) {
                throw new CharlstmException("a vocabulary names the character " + describe(characters[i]) + " twice");
            }
        }
    }

    /**
     * The vocabulary of captions, in order of first appearance.
     *
     * @param captions the captions
     * @return their characters, then start and end
     */
    public static Vocabulary of(Captions captions) {
        return new Vocabulary(captions.texts().stream().flatMapToInt(String::codePoints).distinct().toArray());
    }

    /**
     * A vocabulary by its characters.
     *
     * @param characters each character once, in id order; start and end follow them
     * @return the vocabulary
     * @throws CharlstmException if there is none or one occurs twice
     */
    public static Vocabulary ofCharacters(String characters) {
        if (characters.isEmpty()) {
            throw new CharlstmException("a vocabulary holds no character");
        }
        return new Vocabulary(characters.codePoints().toArray());
    }

    /**
     * All characters in id order, without start and end: what {@link #ofCharacters} takes.
     *
     * @return a string of as many code points
     */
    public String characters() {
        return new String(characters, 0, characters.length);
    }

    /**
     * The number of symbols, start and end included.
     *
     * @return V
     */
    public int size() {
        return characters.length + 2;
    }

    /**
     * The start symbol.
     *
     * @return its id, V - 2
     */
    public int start() {
        return characters.length;
    }

    /**
     * The end symbol, which also pads.
     *
     * @return its id, V - 1
     */
    public int end() {
        return characters.length + 1;
    }

    /**
     * The id of a character.
     *
     * @param codePoint the character
     * @return its id, or -1 if it is not in the vocabulary
     */
    public int id(int codePoint) {
        return ids.getOrDefault(codePoint, -1);
    }

    /**
     * The ids of a text.
     *
     * @param text  the text
     * @param place where the text stands, for the message
     * @return an id for each character
     * @throws CharlstmException if a character is not in the vocabulary
     */
    public int[] encode(String text, String place) {
        return text.codePoints().map(c -> {
            int id = id(c);
            if (id < 0) {
                throw new CharlstmException(place + ": the character " + describe(c)
                        + " is not in the model's vocabulary; remove it, or train on a text that has it");
            }
            return id;
        }).toArray();
    }

    /**
     * A symbol as text: the character, or a sign for start and end.
     *
     * @param id the symbol
     * @return one code point
     */
    public String text(int id) {
        return id == start() ? START_SIGN : id == end() ? END_SIGN : Character.toString(characters[id]);
    }

    /**
     * A symbol's name for scripts: the character, or {@code <start>} or {@code <end>}.
     *
     * @param id the symbol
     * @return the name
     */
    public String name(int id) {
        return id == start() ? "<start>" : id == end() ? "<end>" : Character.toString(characters[id]);
    }

    /**
     * Symbols as text.
     *
     * @param symbols the ids
     * @return their {@link #text} one after the other
     */
    public String decode(int[] symbols) {
        StringBuilder text = new StringBuilder();
        IntStream.of(symbols).forEach(id -> text.append(text(id)));
        return text.toString();
    }

    private static String describe(int codePoint) {
        return String.format(Locale.ROOT, Character.isISOControl(codePoint) ? "U+%04X" : "U+%04X '%s'",
                codePoint, Character.toString(codePoint));
    }
}
