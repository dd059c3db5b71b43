package org.charlstm.text;

import org.charlstm.base.Refuse;

/** A limit on captions, from 1 to {@link Captions#MAX_LENGTH} characters: longer captions are cut or left out. */
public record CaptionLimit(int length, boolean cut) {
    private static final String CUT = ":cut";

    /** Requires a length in range. */
    public CaptionLimit {
        Refuse.argumentIf(length < 1 || length > Captions.MAX_LENGTH,
                "a limit of " + length + " characters; it must be from 1 to " + Captions.MAX_LENGTH);
    }

    /**
     * Parses {@code 200}, which leaves out captions of more than 200 characters, or {@code 200:cut}. Throws
     * {@link IllegalArgumentException} if the text has neither form or the number is out of range.
     */
    public static CaptionLimit parse(String text) {
        boolean cut = text.endsWith(CUT);
        try {
            return new CaptionLimit(Integer.parseInt(cut ? text.substring(0, text.length() - CUT.length()) : text),
                    cut);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is no limit such as 200, or 200:cut", e);
        }
    }

    /** The limit in the form that {@link #parse} takes. */
    @Override
    public String toString() {
        return length + (cut ? CUT : "");
    }
}
