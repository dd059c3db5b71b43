package org.charlstm.text;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Quantity;
import org.charlstm.base.Refuse;
import org.charlstm.base.Setting;
import org.jspecify.annotations.Nullable;

/**
 * The symbols of a model: characters (code points), then a start and an end symbol, which stand for no character. A
 * model of running text, whose rows begin and end anywhere, has neither start nor end.
 */
public final class Vocabulary {
    /** The start symbol in a text that shows each symbol in one column. */
    public static final String START_SIGN = "\u22A2";
    /** The end symbol in a text that shows each symbol in one column. */
    public static final String END_SIGN = "\u22A3";

    /** The symbol that rare characters share, in a vocabulary that has such a symbol. */
    public static final int UNKNOWN = 0xFFFD;

    private final int[] characters;
    private final boolean markers;
    private final Preprocessing preprocessing;
    /** How often each symbol occurs in the running text of the training; null if unknown. */
    private final long @Nullable [] counts;
    private final Map<Integer, Integer> ids = new HashMap<>();

    private Vocabulary(int[] characters, boolean markers, Preprocessing preprocessing, long @Nullable [] counts) {
        Refuse.inputIf(characters.length == 0, "a vocabulary holds no character");
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

    /** The characters of captions, in order of first appearance, then start and end. */
    public static Vocabulary of(Captions captions) {
        return of(captions, true);
    }

    /**
     * A vocabulary of characters in id order, then start and end. Fails if there is no character or one occurs twice.
     */
    public static Vocabulary ofCharacters(String characters) {
        return new Vocabulary(characters.codePoints().toArray(), true, Preprocessing.NONE, null);
    }

    /** The characters of running text, in order of first appearance, without start and end. */
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

    /** This vocabulary with a preprocessing. Fails if {@link #UNKNOWN} is missing although rare characters share it. */
    public Vocabulary preprocessed(Preprocessing how) {
        Refuse.inputIf(how.minCount() > 0 && id(UNKNOWN) < 0,
                "a vocabulary has no symbol for unknown characters, " + describe(UNKNOWN));
        return new Vocabulary(characters, markers, how, counts);
    }

    /**
     * This vocabulary with the number of times that each symbol occurs in a text, in id order. A sentence of running
     * text without a given beginning starts with a symbol drawn by these frequencies. Throws
     * {@link IllegalArgumentException} if there is a start symbol, if there is not one count of at least 0 for each
     * symbol, or if the sum is 0 or overflows.
     */
    public Vocabulary counted(long[] each) {
        long left = Long.MAX_VALUE;
        for (long count : each) {
            if (count < 0 || count > left) {
                throw new IllegalArgumentException("a count of " + count + " among those of symbols");
            }
            left -= count;
        }
        Refuse.argumentIf(markers || each.length != size() || left == Long.MAX_VALUE,
                Quantity.of(each.length, "counts") + " for " + Quantity.of(size(), "symbols"));
        return new Vocabulary(characters, markers, preprocessing, each.clone());
    }

    /** This vocabulary with the number of times that each symbol occurs in a whole text. */
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
     * How often each symbol occurs in the running text of the training, not all 0; null if unknown, as for captions.
     */
    public long @Nullable [] counts() {
        return counts == null ? null : counts.clone();
    }

    /** How texts are preprocessed for this vocabulary. */
    public Preprocessing preprocessing() {
        return preprocessing;
    }

    /**
     * A vocabulary of characters in id order, without start and end. Fails if no character is given or one occurs
     * twice.
     */
    public static Vocabulary withoutMarkers(String characters) {
        return new Vocabulary(characters.codePoints().toArray(), false, Preprocessing.NONE, null);
    }

    /** Whether there are a start and an end symbol; false for running text. */
    public boolean hasMarkers() {
        return markers;
    }

    /** All characters in id order, the form that {@link #ofCharacters} and {@link #withoutMarkers} take. */
    public String characters() {
        return new String(characters, 0, characters.length);
    }

    /** The number of symbols, including start and end. */
    public int size() {
        return characters.length + (markers ? 2 : 0);
    }

    /** The id of the start symbol, V - 2. Throws {@link IllegalStateException} if there is none. */
    public int start() {
        requireMarkers();
        return characters.length;
    }

    /** The id of the end symbol, which also pads, V - 1. Throws {@link IllegalStateException} if there is none. */
    public int end() {
        requireMarkers();
        return characters.length + 1;
    }

    private void requireMarkers() {
        Refuse.callIf(!markers, "a vocabulary of running text has no start and end symbols");
    }

    /** Whether a symbol ends a sentence: the end symbol, or the start symbol, which would begin another sentence. */
    public boolean isOver(int id) {
        return markers && id >= start();
    }

    private boolean isStart(int id) {
        return markers && id == start();
    }

    /** The id of a character, or -1 if it is not in the vocabulary. */
    public int id(int codePoint) {
        return ids.getOrDefault(codePoint, -1);
    }

    /** The id of a character, or the id of {@link #UNKNOWN} if rare characters share it; -1 if there is neither. */
    public int symbol(int codePoint) {
        int id = id(codePoint);
        return id < 0 && preprocessing.minCount() > 0 && preprocessing.keeps(codePoint) ? id(UNKNOWN) : id;
    }

    /**
     * The {@link #symbol} of each character of a text, which is normalised first. Characters outside the alphabet are
     * unknown. If a character is not in the vocabulary, the exception names {@code place}.
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

    /** The normalised text without the characters that are not in the vocabulary. */
    public String known(String text) {
        StringBuilder known = new StringBuilder();
        preprocessing.normalized(text).codePoints().filter(c -> id(c) >= 0).forEach(known::appendCodePoint);
        return known.toString();
    }

    /** How many characters of the normalised text {@link #known} leaves out. */
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

    /** A symbol as text: the character, {@link #START_SIGN} or {@link #END_SIGN}. */
    public String text(int id) {
        return isStart(id) ? START_SIGN : isOver(id) ? END_SIGN : Character.toString(characters[id]);
    }

    /** A symbol as text in a sentence that continues past its end; there the start symbol counts as an end too. */
    public String written(int id) {
        return isOver(id) ? END_SIGN : text(id);
    }

    /** A symbol's name for scripts: the character, or {@code <start>} or {@code <end>}. */
    public String name(int id) {
        return isStart(id) ? "<start>" : isOver(id) ? "<end>" : Character.toString(characters[id]);
    }

    /** Joins the {@link #text} of the symbols. */
    public String decode(int[] symbols) {
        StringBuilder text = new StringBuilder();
        IntStream.of(symbols).forEach(id -> text.append(text(id)));
        return text.toString();
    }

    private static String describe(int codePoint) {
        return String.format(Locale.ROOT, "U+%04X", codePoint)
                + (Character.isISOControl(codePoint) ? "" : " '" + Character.toString(codePoint) + "'");
    }

    /** Says that a text has a character that is not in a vocabulary. */
    public static final class UnknownCharacterException extends CharlstmException {
        private static final long serialVersionUID = 1;

        UnknownCharacterException(String message) {
            super(message);
        }
    }
}
