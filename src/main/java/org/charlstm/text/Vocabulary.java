package org.charlstm.text;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.charlstm.CharlstmException;
import org.charlstm.Quantity;
import org.charlstm.Setting;
import org.jspecify.annotations.Nullable;

/**
 * The symbols of a model: characters (code points), then a start and an end symbol, which are symbols of their own and
 * no letters. A model of running text, whose rows begin and end anywhere, has neither.
 */
public final class Vocabulary {
    /** How the start symbol is written where each symbol takes one column. */
    public static final String START_SIGN = "\u22A2";
    /** How the end symbol is written where each symbol takes one column. */
    public static final String END_SIGN = "\u22A3";

    /** The one symbol of characters that are too rare to have their own, where there is such a symbol. */
    public static final int UNKNOWN = 0xFFFD;

    private final int[] characters;
    private final boolean markers;
    private final Preprocessing preprocessing;
    /** How often each symbol was in the running text that is learned; null where that is unknown. */
    private final long @Nullable [] counts;
    private final Map<Integer, Integer> ids = new HashMap<>();

    private Vocabulary(int[] characters, boolean markers, Preprocessing preprocessing, long @Nullable [] counts) {
        if (characters.length == 0) {
            throw new CharlstmException("a vocabulary holds no character");
        }
        this.characters = characters;
        this.markers = markers;
        this.preprocessing = preprocessing;
        this.counts = counts;
        for (int i = 0; i < characters.length; i++) {
            if (ids.put(characters[i], i) != null) {
                throw new CharlstmException("a vocabulary names the character " + describe(characters[i]) + " twice");
            }
        }
    }

    /**
     * The vocabulary of captions, in order of first appearance.
     *
     * @return their characters, then start and end
     */
    public static Vocabulary of(Captions captions) {
        return of(captions, true);
    }

    /**
     * A vocabulary by its characters.
     *
     * @param characters each character once, in id order; start and end follow them
     * @throws CharlstmException if there is none or one occurs twice
     */
    public static Vocabulary ofCharacters(String characters) {
        return new Vocabulary(characters.codePoints().toArray(), true, Preprocessing.NONE, null);
    }

    /**
     * A vocabulary of running text, in order of first appearance.
     *
     * @return its characters, without start and end
     */
    public static Vocabulary ofRunning(Captions windows) {
        return of(windows, false);
    }

    private static Vocabulary of(Captions captions, boolean markers) {
        Preprocessing how = captions.preprocessing();
        int[] alphabet = captions.alphabet(how.minCount());
        if (how.minCount() > 0) {
            IntStream common = IntStream.of(alphabet).filter(c -> c != UNKNOWN);
            alphabet = IntStream.concat(common, IntStream.of(UNKNOWN)).toArray();
            if (alphabet.length == 1) {
                throw new CharlstmException(captions.source() + " has no character " + how.minCount()
                        + " times; ask for fewer").mendedBy(Setting.MIN_COUNT);
            }
        }
        return new Vocabulary(alphabet, markers, how, null);
    }

    /**
     * The same for texts that are preprocessed.
     *
     * @param how how; with a least count, {@link #UNKNOWN} must be among the characters
     * @throws CharlstmException if it is not
     */
    public Vocabulary preprocessed(Preprocessing how) {
        if (how.minCount() > 0 && id(UNKNOWN) < 0) {
            throw new CharlstmException("a vocabulary has no symbol for unknown characters, " + describe(UNKNOWN));
        }
        return new Vocabulary(characters, markers, how, counts);
    }

    /**
     * The same with what sentences of running text begin with where they are given no beginning: any symbol, as often
     * as the text had it.
     *
     * @param each how often the text had each symbol, in id order; not all 0
     * @throws IllegalArgumentException if there is a start symbol, or the counts are not one a symbol, from 0, and of
     *                                  a sum from 1 that a long holds
     */
    public Vocabulary counted(long[] each) {
        long left = Long.MAX_VALUE;
        for (long count : each) {
            if (count < 0 || count > left) {
                throw new IllegalArgumentException("a count of " + count + " among those of symbols");
            }
            left -= count;
        }
        if (markers || each.length != size() || left == Long.MAX_VALUE) {
            throw new IllegalArgumentException(
                    Quantity.of(each.length, "counts") + " for " + Quantity.of(size(), "symbols"));
        }
        return new Vocabulary(characters, markers, preprocessing, each.clone());
    }

    /** With how often a text as a whole has each symbol, wherever its windows begin and end. */
    Vocabulary counted(Characters text) {
        int[] symbols = IntStream.range(0, text.distinct()).map(number -> symbol(text.codePoint(number))).toArray();
        long[] each = new long[size()];
        for (long at = 0; at < text.length(); at++) {
            int id = symbols[text.get(at)];
            if (id >= 0) {
                each[id]++;
            }
        }
        return counted(each);
    }

    /**
     * How often the running text that is learned has each symbol.
     *
     * @return V numbers by id, not all 0; null where that is unknown, as of captions and of models from elsewhere
     */
    public long @Nullable [] counts() {
        return counts == null ? null : counts.clone();
    }

    /**
     * How texts are preprocessed for it.
     *
     * @return what was made of the text that it is of
     */
    public Preprocessing preprocessing() {
        return preprocessing;
    }

    /**
     * A vocabulary without start and end symbols.
     *
     * @param characters each character once, in id order
     * @throws CharlstmException if there is none or one occurs twice
     */
    public static Vocabulary withoutMarkers(String characters) {
        return new Vocabulary(characters.codePoints().toArray(), false, Preprocessing.NONE, null);
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

    /** The number of symbols, start and end included where there are any. */
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
     * Whether a sentence is over where a model has drawn a symbol.
     *
     * @return whether it is the end, or the start, with which another sentence would begin
     */
    public boolean isOver(int id) {
        return markers && id >= start();
    }

    private boolean isStart(int id) {
        return markers && id == start();
    }

    /**
     * The id of a character.
     *
     * @return its id, or -1 if it is not in the vocabulary
     */
    public int id(int codePoint) {
        return ids.getOrDefault(codePoint, -1);
    }

    /**
     * The symbol that a character becomes.
     *
     * @return its id, or that of {@link #UNKNOWN} where rare characters have that, or -1
     */
    public int symbol(int codePoint) {
        int id = id(codePoint);
        return id < 0 && preprocessing.minCount() > 0 && preprocessing.keeps(codePoint) ? id(UNKNOWN) : id;
    }

    /**
     * The ids of a text, normalised as its preprocessing says; what an alphabet leaves out is unknown here.
     *
     * @param place where the text stands, for the message
     * @return the {@link #symbol} of each character
     * @throws UnknownCharacterException if a character is not in the vocabulary
     */
    public int[] encode(String text, String place) {
        return preprocessing.normalized(text).codePoints().map(c -> {
            int id = symbol(c);
            if (id < 0) {
                throw unknown(c, place);
            }
            return id;
        }).toArray();
    }

    /**
     * What of a text is in the vocabulary.
     *
     * @return the same, normalised, without characters that are not
     */
    public String known(String text) {
        StringBuilder known = new StringBuilder();
        preprocessing.normalized(text).codePoints().filter(c -> id(c) >= 0).forEach(known::appendCodePoint);
        return known.toString();
    }

    /**
     * How much of a text {@link #known} leaves out.
     *
     * @return of its characters, as they are normalised
     */
    public UnknownCharacters unknown(String text) {
        String normal = preprocessing.normalized(text);
        return new UnknownCharacters(normal.codePoints().filter(c -> id(c) < 0).count(),
                normal.codePointCount(0, normal.length()));
    }

    UnknownCharacterException unknown(int codePoint, String place) {
        boolean lower = id(Character.toLowerCase(codePoint)) >= 0;
        return new UnknownCharacterException(place + ": the character " + describe(codePoint)
                + " is not in the model's vocabulary" + (lower ? ", but its small letter is; put the text in lower case"
                        : "; remove it, or train on a text that has it"));
    }

    /** A symbol as text: the character, or a sign for start and end. */
    public String text(int id) {
        return isStart(id) ? START_SIGN : isOver(id) ? END_SIGN : Character.toString(characters[id]);
    }

    /**
     * The same in a sentence that a model writes past its end.
     *
     * @return the end's sign for the start, too, which no sentence has
     */
    public String written(int id) {
        return isOver(id) ? END_SIGN : text(id);
    }

    /** A symbol's name for scripts: the character, or {@code <start>} or {@code <end>}. */
    public String name(int id) {
        return isStart(id) ? "<start>" : isOver(id) ? "<end>" : Character.toString(characters[id]);
    }

    /**
     * Symbols as text.
     *
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
