package org.charlstm.cli.console;

import com.google.errorprone.annotations.FormatMethod;
import module java.base;
import org.jspecify.annotations.Nullable;

/** A command line that cannot be carried out; exit code 2. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public UsageException(String message) {
        super(message);
    }

    private UsageException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage(), "wrong usage has a message");
    }

    /** Creates a setting that checks its own values; a refusal's message begins with the options' names. */
    public static <T> T checked(String options, Supplier<T> setting) {
        try {
            return setting.get();
        } catch (IllegalArgumentException e) {
            throw new UsageException(options + ": " + e.getMessage(), e);
        }
    }

    /** Refuses a command line if a condition holds. */
    @FormatMethod
    public static void when(boolean wrong, String message, @Nullable Object... values) {
        if (wrong) {
            throw new UsageException(String.format(Locale.ROOT, message, values));
        }
    }

    /** Refuses a list that is empty, or has a value twice. */
    public static void requireDistinct(String option, List<?> values) {
        when(values.isEmpty(), "%s names nothing; name at least one, and put commas between several", option);
        Set<Object> seen = new HashSet<>();
        values.forEach(value -> when(!seen.add(value), "%s has %s twice; once is enough", option, value));
    }
}
