package org.charlstm.text;

import module java.base;
import org.charlstm.base.Refuse;
import org.jspecify.annotations.Nullable;

/**
 * How a text's characters are changed, in this order. A model's vocabulary applies its preprocessing to later texts
 * too.
 *
 * @param form      the Unicode normalisation form, NFC or NFKC, or null for none
 * @param lowerCase whether characters become lower case, by the rules of no particular language
 * @param alphabet  the only characters to keep, or null for all; line feeds between captions do not count
 * @param minCount  the least number of occurrences that gives a character its own symbol in a vocabulary. Rarer
 *                  characters share {@link Vocabulary#UNKNOWN}, as do unknown characters of later texts; 0 for no
 *                  shared symbol
 */
public record Preprocessing(Normalizer.@Nullable Form form, boolean lowerCase, @Nullable String alphabet,
        int minCount) {
    /** Changes nothing. */
    public static final Preprocessing NONE = new Preprocessing(null, false, null, 0);

    /** Checks the values. */
    public Preprocessing {
        Refuse.argumentIf(form == Normalizer.Form.NFD || form == Normalizer.Form.NFKD,
                "the form " + form + "; it must be NFC or NFKC");
        if (alphabet != null && alphabet.isEmpty()) {
            throw new IllegalArgumentException("an alphabet without characters");
        }
        Refuse.argumentIf(minCount < 0, "characters that occur less than " + minCount + " times");
    }

    /** A copy with another form. */
    public Preprocessing form(Normalizer.@Nullable Form other) {
        return new Preprocessing(other, lowerCase, alphabet, minCount);
    }

    /** A copy with or without lower case. */
    public Preprocessing lowerCase(boolean lower) {
        return new Preprocessing(form, lower, alphabet, minCount);
    }

    /** A copy with another alphabet. */
    public Preprocessing alphabet(@Nullable String only) {
        return new Preprocessing(form, lowerCase, only, minCount);
    }

    /** A copy with another least count. */
    public Preprocessing minCount(int least) {
        return new Preprocessing(form, lowerCase, alphabet, least);
    }

    /** Applies the normalisation form and lower case to a text; characters outside the alphabet stay. */
    public String normalized(String text) {
        String normal = form == null ? text : Normalizer.normalize(text, form);
        if (!lowerCase) {
            return normal;
        }
        String lower = normal.toLowerCase(Locale.ROOT);
        return form == null ? lower : Normalizer.normalize(lower, form);
    }

    /** Whether the normalisation form or the conversion to lower case may change characters. */
    boolean changes() {
        return form != null || lowerCase;
    }

    /** Whether a character is in the alphabet. */
    boolean keeps(int codePoint) {
        return alphabet == null || alphabet.indexOf(codePoint) >= 0;
    }
}
