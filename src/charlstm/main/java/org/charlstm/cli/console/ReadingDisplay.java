package org.charlstm.cli.console;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.text.ReadingProgress;

/** Shows on a terminal how much of a text has been read, if reading takes longer than a moment; nothing elsewhere. */
public final class ReadingDisplay implements ReadingProgress, AutoCloseable {
    /** A reading that takes less time shows nothing. */
    public static final long MOMENT_NANOS = 1_000_000_000;
    private static final long REFRESH_NANOS = 200_000_000;
    private static final int MEGABYTE = 1_000_000;

    private final Console console;
    private final String name;
    /** The time at which progress is shown next. */
    private long due;
    private boolean shown;

    public ReadingDisplay(Console console, List<Path> text, long moment) {
        this.console = console;
        Path file = text.getFirst().getFileName();
        name = (file == null ? text.getFirst() : file) + (text.size() == 1 ? "" : " and others");
        due = System.nanoTime() + moment;
    }

    @Override
    public void read(long bytes, long total) {
        long now = System.nanoTime();
        if (!console.isTerminal() || now - due < 0) {
            return;
        }
        due = now + REFRESH_NANOS;
        shown = true;
        // If the line is too long, its end is shown, because it has the progress.
        String line = CharlstmException.line("reading " + name + ": " + bytes / MEGABYTE
                + (total == 0 ? "" : " of " + total / MEGABYTE) + " MB");
        console.show(line.substring(Math.max(0, line.length() - console.columns() + 1)));
    }

    @Override
    public void warn(String warning) {
        console.warn(warning);
    }

    @Override
    public void close() {
        if (shown) {
            console.wipe();
        }
    }
}
