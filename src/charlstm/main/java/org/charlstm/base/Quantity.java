package org.charlstm.base;

import java.util.Locale;

/** Amounts in the form that messages use. */
public final class Quantity {
    /**
     * A count with its noun, such as {@code 1 caption} or {@code 10,000 captions}.
     *
     * @param plural the noun in a plural that ends in an s
     */
    public static String of(long count, String plural) {
        return String.format(Locale.ROOT, "%,d %s", count, unit(count == 1, plural));
    }

    /**
     * The noun alone, in the singular or the plural.
     *
     * @param plural the noun in a plural that ends in an s
     */
    public static String unit(boolean one, String plural) {
        return one && plural.endsWith("s") ? plural.substring(0, plural.length() - 1) : plural;
    }
}
