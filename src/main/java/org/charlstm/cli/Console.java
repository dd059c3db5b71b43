package org.charlstm.cli;

import java.io.PrintStream;
import java.util.Locale;

/**
 * Where a command writes.
 *
 * @param out     results
 * @param err     errors and progress
 * @param columns the width of the terminal that {@code err} is, or 0 if it is none
 */
record Console(PrintStream out, PrintStream err, int columns) {
    /** Prints a line of results. */
    void line(String format, Object... values) {
        out.print(values.length == 0 ? format : String.format(Locale.ROOT, format, values));
        out.print('\n');
        out.flush();
    }

    /** Tells of what does not go as it should, on a line that is no result. */
    void warn(String warning) {
        err.print("charlstm: warning: " + warning + '\n');
        err.flush();
    }

    boolean isTerminal() {
        return columns > 0;
    }
}
