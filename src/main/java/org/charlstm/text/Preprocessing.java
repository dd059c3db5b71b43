package org.charlstm.text;

import java.text.Normalizer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is made of a text's characters before a model sees them, in this order. A model's vocabulary keeps it, so that
 * later texts are taken in the same way.
 *
 * @param form      the Unicode normalisation form, NFC or NFKC, or null to leave them as they are
 * @param lowerCase whether they become lower case, by the rules of no language
 * @param alphabet  the only characters that stay, or null for all; line feeds between captions are no characters
 * @param minCount  characters that occur less often in what a vocabulary is made of share one symbol,
 *                  {@link Vocabulary#UNKNOWN}, as do later texts' unknown characters; 0 for no such symbol
 */
public record Preprocessing(Normalizer.@Nullable Form form, boolean lowerCase, @Nullable String alphabet,
        int minCount) {
    /** Characters stay what they are. */
    public static final Preprocessing NONE = new Preprocessing(null, false, null, 0);

    /** Refuses other forms, an empty alphabet and counts below 0. */
    public Preprocessing {
        if (form == Normalizer.Form.NFD || form == Normalizer.Form.NFKD) {
            throw new IllegalArgumentException("the form " + form + "; it must be NFC or NFKC");
        }
        if (alphabet != null && alphabet.isEmpty()) {
            throw new IllegalArgumentException("an alphabet without characters");
        }
        if (minCount < 0) {
            throw new IllegalArgumentException("characters that occur less than " + minCount + " times");
        }
    }

    /**
     * The same for a form.
     *
     * @param of NFC or NFKC, or null for none
     */
    public Preprocessing form(Normalizer.@Nullable Form of) {
        return new Preprocessing(of, lowerCase, alphabet, minCount);
    }

    /**
     * The same with or without lower case.
     *
     * @param lower whether characters become lower case
     */
    public Preprocessing lowerCase(boolean lower) {
        return new Preprocessing(form, lower, alphabet, minCount);
    }

    /**
     * The same for an alphabet.
     *
     * @param only the characters that stay, or null for all
     */
    public Preprocessing alphabet(@Nullable String only) {
        return new Preprocessing(form, lowerCase, only, minCount);
    }

    /**
     * The same for a count.
     *
     * @param least how often a character occurs that is a symbol of its own, or 0 for any
     */
    public Preprocessing minCount(int least) {
        return new Preprocessing(form, lowerCase, alphabet, least);
    }

    /**
     * Normalises a text and puts it into lower case, so far as that is asked for; what is not in the alphabet stays.
     */
    public String normalized(String text) {
        String normal = form == null ? text : Normalizer.normalize(text, form);
        if (!lowerCase) {
            return normal;
        }
        String lower = normal.toLowerCase(Locale.ROOT);
        return form == null ? lower : Normalizer.normalize(lower, form);
    }

    /** Whether characters may become others. */
    boolean changes() {
        return form != null || lowerCase;
    }

    /** Whether a character is not left out. */
    boolean keeps(int codePoint) {
        return alphabet == null || alphabet.indexOf(codePoint) >= 0;
    }
}
