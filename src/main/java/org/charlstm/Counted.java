package org.charlstm;

import java.util.Locale;

/** Numbers of things in messages. */
public final class Counted {
    private Counted() {
    }

    /**
     * A number with what it counts.
     *
     * @param plural what, in a plural that ends in an s
     * @return {@code 1 caption}, {@code 10,000 captions}
     */
    public static String of(long count, String plural) {
        return String.format(Locale.ROOT, "%,d %s", count, unit(count == 1, plural));
    }

    /**
     * What is counted.
     *
     * @param one    whether it is one
     * @param plural in a plural that ends in an s
     */
    public static String unit(boolean one, String plural) {
        return one && plural.endsWith("s") ? plural.substring(0, plural.length() - 1) : plural;
    }
}
