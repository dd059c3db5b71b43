package org.charlstm.cli;

import com.google.errorprone.annotations.FormatMethod;
import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a command writes.
 *
 * @param out     results
 * @param err     errors and progress
 * @param columns the width of the terminal that {@code err} is, or 0 if it is none
 */
record Console(PrintStream out, PrintStream err, int columns) {
    /** Prints a line of results. */
    void line(String line) {
        out.print(line + '\n');
        out.flush();
    }

    @FormatMethod
    void line(String format, @Nullable Object... values) {
        line(String.format(Locale.ROOT, format, values));
    }

    /** Tells of what does not go as it should, on a line that is no result. */
    void warn(String warning) {
        err.print("charlstm: warning: " + warning + '\n');
        err.flush();
    }

    /** Takes what shows progress from a terminal's line. */
    void wipe() {
        if (isTerminal()) {
            err.print("\r" + " ".repeat(columns - 1) + "\r");
            err.flush();
        }
    }

    boolean isTerminal() {
        return columns > 0;
    }
}
