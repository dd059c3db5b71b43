package org.charlstm.text;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.charlstm.CharlstmException;

/**
 * The symbols of a model: characters (code points), then a start and an end symbol, which are symbols of their own and
 * no letters. A model of running text, whose rows begin and end anywhere, has neither.
 */
public final class Vocabulary {
    /** How the start symbol is written where each symbol takes one column. */
    public static final String START_SIGN = "\u22A2";
    /** How the end symbol is written where each symbol takes one column. */
    public static final String END_SIGN = "\u22A3";

    private final int[] characters;
    private final boolean markers;
    private final Map<Integer, Integer> ids = new HashMap<>();

    private Vocabulary(int[] characters, boolean markers) {
        if (characters.length == 0) {
            throw new CharlstmException("a vocabulary holds no character");
        }
        this.characters = characters;
        this.markers = markers;
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
        return new Vocabulary(captions.alphabet(), true);
    }

    /**
     * A vocabulary by its characters.
     *
     * @param characters each character once, in id order; start and end follow them
     * @return the vocabulary
     * @throws CharlstmException if there is none or one occurs twice
     */
    public static Vocabulary ofCharacters(String characters) {
        return new Vocabulary(characters.codePoints().toArray(), true);
    }

    /**
     * A vocabulary of running text, in order of first appearance.
     *
     * @param windows the text
     * @return its characters, without start and end
     */
    public static Vocabulary ofRunning(Captions windows) {
        return new Vocabulary(windows.alphabet(), false);
    }

    /**
     * A vocabulary without start and end symbols.
     *
     * @param characters each character once, in id order
     * @return the vocabulary
     * @throws CharlstmException if there is none or one occurs twice
     */
    public static Vocabulary withoutMarkers(String characters) {
        return new Vocabulary(characters.codePoints().toArray(), false);
    }

    /**
     * Whether there are a start and an end symbol.
     *
     * @return false for running text
     */
    public boolean hasMarkers() {
        return markers;
    }

    /**
     * All characters in id order, without start and end: what {@link #ofCharacters} and {@link #withoutMarkers} take.
     *
     * @return a string of as many code points
     */
    public String characters() {
        return new String(characters, 0, characters.length);
    }

    /**
     * The number of symbols, start and end included where there are any.
     *
     * @return V
     */
    public int size() {
        return characters.length + (markers ? 2 : 0);
    }

    /**
     * The start symbol.
     *
     * @return its id, V - 2
     * @throws IllegalStateException if there is none
     */
    public int start() {
        requireMarkers();
        return characters.length;
    }

    /**
     * The end symbol, which also pads.
     *
     * @return its id, V - 1
     * @throws IllegalStateException if there is none
     */
    public int end() {
        requireMarkers();
        return characters.length + 1;
    }

    private void requireMarkers() {
        if (!markers) {
            throw new IllegalStateException("a vocabulary of running text has no start and end symbols");
        }
    }

    /**
     * Whether a symbol is the end.
     *
     * @param id the symbol
     * @return false for every symbol where there is no end
     */
    public boolean isEnd(int id) {
        return markers && id == end();
    }

    private boolean isStart(int id) {
        return markers && id == start();
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
     * @throws UnknownCharacterException if a character is not in the vocabulary
     */
    public int[] encode(String text, String place) {
        return text.codePoints().map(c -> {
            int id = id(c);
            if (id < 0) {
                throw unknown(c, place);
            }
            return id;
        }).toArray();
    }

    /**
     * What of a text is in the vocabulary.
     *
     * @param text the text
     * @return the same without characters that are not
     */
    public String known(String text) {
        StringBuilder known = new StringBuilder();
        text.codePoints().filter(c -> id(c) >= 0).forEach(known::appendCodePoint);
        return known.toString();
    }

    UnknownCharacterException unknown(int codePoint, String place) {
        boolean lower = id(Character.toLowerCase(codePoint)) >= 0;
        return new UnknownCharacterException(place + ": the character " + describe(codePoint)
                + " is not in the model's vocabulary" + (lower ? ", but its small letter is; put the text in lower case"
                        : "; remove it, or train on a text that has it"));
    }

    /**
     * A symbol as text: the character, or a sign for start and end.
     *
     * @param id the symbol
     * @return one code point
     */
    public String text(int id) {
        return isStart(id) ? START_SIGN : isEnd(id) ? END_SIGN : Character.toString(characters[id]);
    }

    /**
     * A symbol's name for scripts: the character, or {@code <start>} or {@code <end>}.
     *
     * @param id the symbol
     * @return the name
     */
    public String name(int id) {
        return isStart(id) ? "<start>" : isEnd(id) ? "<end>" : Character.toString(characters[id]);
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
        return String.format(Locale.ROOT, "U+%04X", codePoint)
                + (Character.isISOControl(codePoint) ? "" : " '" + Character.toString(codePoint) + "'");
    }
}
