package org.charlstm.cli.console;

import com.google.errorprone.annotations.FormatMethod;
import module java.base;
import org.jspecify.annotations.Nullable;

/** A command line that asks for what cannot be; exit code 2. */
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

    /** Makes a setting, which checks its values itself; a refusal begins with the options that give them. */
    public static <T> T checked(String options, Supplier<T> setting) {
        try {
            return setting.get();
        } catch (IllegalArgumentException e) {
            throw new UsageException(options + ": " + e.getMessage(), e);
        }
    }

    /** Refuses a command line where something holds that cannot be. */
    @FormatMethod
    public static void when(boolean wrong, String message, @Nullable Object... values) {
        if (wrong) {
            throw new UsageException(String.format(Locale.ROOT, message, values));
        }
    }

    /** Refuses a list that names nothing, or something twice. */
    public static void requireDistinct(String option, List<?> values) {
        when(values.isEmpty(), "%s names nothing; name at least one, and put commas between several", option);
        Set<Object> seen = new HashSet<>();
        values.forEach(value -> when(!seen.add(value), "%s has %s twice; once is enough", option, value));
    }
}
