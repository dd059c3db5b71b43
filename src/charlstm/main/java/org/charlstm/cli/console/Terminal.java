package org.charlstm.cli.console;

import module java.base;

/** The last line of a terminal, which may become narrower at any time. */
public final class Terminal {
    private static final int STANDARD_ERROR = 2;
    private static final long WINDOW_SIZE_ON_LINUX = 0x5413;
    private static final long WINDOW_SIZE_ON_BSD = 0x40087468;
    /** The size in bytes: rows, columns, and width and height in pixels, 16 bits each. */
    private static final long BYTES_OF_SIZE = 8;

    private final IntSupplier width;
    private final boolean rewraps;
    /** The number of characters on the line, including blanks. */
    private int drawn;

    /**
     * A terminal.
     *
     * @param width   gives the present number of columns; 0 if this is no terminal
     * @param rewraps whether the terminal wraps lines anew when it becomes narrower
     */
    public Terminal(IntSupplier width, boolean rewraps) {
        this.width = width;
        this.rewraps = rewraps;
    }

    /** The terminal of standard error, if it had any columns at the start. */
    public static Terminal ofProcess(int columns) {
        return new Terminal(columns == 0 ? () -> 0 : () -> now().orElse(columns), rewraps(System.getenv()));
    }

    /** Whether the terminal wraps lines anew. Most do; xterm, screen and the Linux console cut lines off. */
    private static boolean rewraps(Map<String, String> environment) {
        return !environment.containsKey("XTERM_VERSION") && !environment.containsKey("STY")
                && !environment.getOrDefault("TERM", "").equals("linux");
    }

    /**
     * The number of columns, as {@code stty size} prints it, without a process; empty if the terminal does not tell.
     */
    @SuppressWarnings("restricted")
    private static Optional<Integer> now() {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> function = linker.defaultLookup().find("ioctl");
        if (function.isEmpty()) {
            return Optional.empty();
        }
        MethodHandle ioctl = linker.downcallHandle(function.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS), Linker.Option.firstVariadicArg(2));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(BYTES_OF_SIZE);
            int result = (int) ioctl.invokeExact(STANDARD_ERROR, System.getProperty("os.name").equals("Linux")
                    ? WINDOW_SIZE_ON_LINUX : WINDOW_SIZE_ON_BSD, size);
            return Optional.of((int) size.get(ValueLayout.JAVA_SHORT, Short.BYTES))
                    .filter(columns -> result == 0 && columns > 0);
        } catch (Throwable e) {
            throw new IllegalStateException("ioctl cannot be called", e);
        }
    }

    /** The present number of columns; 0 if this is no terminal. */
    int columns() {
        return width.getAsInt();
    }

    /** The characters that replace the last line with a text, cut to the terminal's width. */
    public String replacing(String text) {
        int columns = columns();
        int room = Math.max(0, columns - 1);
        String shown = text.substring(0, Math.min(room, text.length()));
        // A line drawn on a wider terminal may take several rows now; the cursor is in the last of them.
        int above = rewraps && columns > 0 ? Math.max(0, drawn - 1) / columns : 0;
        drawn = room;
        return "\r" + (above > 0 ? "\033[" + above + "A\033[J" : "") + shown + " ".repeat(room - shown.length());
    }

    /** The characters that empty the last line and put the cursor at its beginning. */
    public String wiping() {
        String wiped = replacing("") + "\r";
        drawn = 0;
        return wiped;
    }
}
