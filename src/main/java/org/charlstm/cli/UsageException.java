package org.charlstm.cli;

import com.google.errorprone.annotations.FormatMethod;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A command line that asks for what cannot be; exit code 2. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
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

    /**
     * Makes a setting, which checks its values itself.
     *
     * @param options that give those values; a refusal begins with them
     */
    static <T> T checked(String options, Supplier<T> setting) {
        try {
            return setting.get();
        } catch (IllegalArgumentException e) {
            throw new UsageException(options + ": " + e.getMessage(), e);
        }
    }

    /** Refuses a command line where something holds that cannot be. */
    @FormatMethod
    static void when(boolean wrong, String message, @Nullable Object... values) {
        if (wrong) {
            throw new UsageException(String.format(Locale.ROOT, message, values));
        }
    }

    /** Refuses an option that is given, not null, where another option is not one of the choices that it is for. */
    static void requireFor(String option, @Nullable Object given, String other, Enum<?> chosen, Enum<?>... choices) {
        if (given != null && !List.of(choices).contains(chosen)) {
            throw new UsageException(option + " is for " + other + " " + Arrays.stream(choices).map(Enum::toString)
                    .collect(Collectors.joining(" or ")) + ", not " + chosen + "; leave it out");
        }
    }

    /** Refuses a list that names nothing, or something twice. */
    static void requireDistinct(String option, List<?> values) {
        if (values.isEmpty()) {
            throw new UsageException(option + " names nothing; name at least one, and put commas between several");
        }
        Set<Object> seen = new HashSet<>();
        for (Object value : values) {
            if (!seen.add(value)) {
                throw new UsageException(option + " has " + value + " twice; once is enough");
            }
        }
    }
}
