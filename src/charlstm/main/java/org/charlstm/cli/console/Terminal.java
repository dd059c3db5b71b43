package org.charlstm.cli.console;

import module java.base;

/** The last line of a terminal, which may become narrower at any time. */
public final class Terminal {
    private static final int STANDARD_ERROR = 2;
    private static final long WINDOW_SIZE_ON_LINUX = 0x5413;
    private static final long WINDOW_SIZE_ON_BSD = 0x40087468;
    /** Rows, columns, and two sizes in pixels, 16 bits each. */
    private static final long BYTES_OF_SIZE = 8;

    private final IntSupplier width;
    private final boolean rewraps;
    /** The characters that stand on the line, blanks too. */
    private int drawn;

    /**
     * A terminal.
     *
     * @param width   gives the columns that it has now; 0 if it is none
     * @param rewraps whether it breaks lines anew when it becomes narrower
     */
    public Terminal(IntSupplier width, boolean rewraps) {
        this.width = width;
        this.rewraps = rewraps;
    }

    /** The terminal that standard error is, if it had any columns at the start. */
    public static Terminal ofProcess(int columns) {
        return new Terminal(columns == 0 ? () -> 0 : () -> now().orElse(columns), rewraps(System.getenv()));
    }

    /** Most do; xterm, screen and the console of Linux cut lines off. */
    private static boolean rewraps(Map<String, String> environment) {
        return !environment.containsKey("XTERM_VERSION") && !environment.containsKey("STY")
                && !environment.getOrDefault("TERM", "").equals("linux");
    }

    /** What {@code stty size} reads, without a process; empty where the terminal does not tell. */
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

    /** The columns that it has now; 0 if it is none. */
    int columns() {
        return width.getAsInt();
    }

    /** The characters that put a text in place of the last line; of a longer one as much as there is room. */
    public String replacing(String text) {
        int columns = columns();
        int room = Math.max(0, columns - 1);
        String shown = text.substring(0, Math.min(room, text.length()));
        // A line that was drawn on a wider one takes several rows now, and the cursor is in the last of them.
        int above = rewraps && columns > 0 ? Math.max(0, drawn - 1) / columns : 0;
        drawn = room;
        return "\r" + (above > 0 ? "\033[" + above + "A\033[J" : "") + shown + " ".repeat(room - shown.length());
    }

    /** The characters that leave the last line empty, with the cursor at its beginning. */
    public String wiping() {
        String wiped = replacing("") + "\r";
        drawn = 0;
        return wiped;
    }
}
