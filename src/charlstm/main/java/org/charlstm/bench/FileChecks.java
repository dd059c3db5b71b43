package org.charlstm.bench;

import java.util.List;
import org.charlstm.base.Spread;
import org.charlstm.base.UntrustedJson;
import org.charlstm.train.OperationTime;
import org.jspecify.annotations.Nullable;

/**
 * Checks of untrusted files, whose missing members the parser leaves null. Failures are {@link UntrustedJson.Unfit}.
 */
final class FileChecks {
    static <T> T present(String name, @Nullable T value) {
        return UntrustedJson.present(value, name + " is missing or unknown");
    }

    static <T> List<T> whole(String name, @Nullable List<T> values) {
        present(name, values).forEach(value -> present("a part of " + name, value));
        return present(name, values);
    }

    static void positive(String name, @Nullable Double value) {
        UntrustedJson.require(finite(name, value) > 0, name + " is " + value);
    }

    static double finite(String name, @Nullable Double value) {
        double number = present(name, value);
        UntrustedJson.require(Double.isFinite(number), name + " is " + number);
        return number;
    }

    /** Requires a positive minimum, median and maximum in ascending order. */
    static void spread(String name, Spread spread) {
        positive(name + ".min", spread.min());
        positive(name + ".max", spread.max());
        UntrustedJson.require(spread.min() <= spread.median() && spread.median() <= spread.max(),
                name + ".median is " + spread.median());
    }

    /** Requires that no operation of a step has a negative time. */
    static void operations(@Nullable List<OperationTime> operations) {
        for (OperationTime each : whole("operations", operations)) {
            present("an operation's name", each.name());
            UntrustedJson.require(finite("an operation's seconds", each.seconds()) >= 0,
                    "an operation's seconds is " + each.seconds());
        }
    }
}
