package org.charlstm.cli.console;

import com.google.errorprone.annotations.FormatMethod;
import java.lang.management.ManagementFactory;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.ShellWord;
import org.jspecify.annotations.Nullable;

/**
 * Where a command writes.
 *
 * @param terminal that {@code err} is, of no columns if it is none
 * @param called   what is typed to run the tool
 * @param in       what is read where a file is called {@code -}
 */
public record Console(PrintStream out, PrintStream err, Terminal terminal, String called, InputStream in) {
    /** The tool's name, where nobody typed anything that can be typed again. */
    public static final String NAME = "charlstm";
    /** The options of the JVM that a jar needs to run as it runs here. */
    private static final List<String> NEEDED = List.of("--add-modules=", "--enable-native-access=");

    /** One of as many columns throughout. */
    public Console(PrintStream out, PrintStream err, int columns) {
        this(out, err, columns, NAME, System.in);
    }

    public Console(PrintStream out, PrintStream err, int columns, String called, InputStream in) {
        this(out, err, new Terminal(() -> columns, false), called, in);
    }

    /** The launcher as it was called, or Java with the jar. */
    public static String calledAs() {
        String launcher = System.getProperty("charlstm.command", "");
        if (!launcher.isEmpty()) {
            return ShellWord.of(Path.of(launcher));
        }
        String path = System.getProperty("java.class.path", "");
        return path.endsWith(".jar") && !path.contains(File.pathSeparator)
                ? ofJar(path, ManagementFactory.getRuntimeMXBean().getInputArguments()) : NAME;
    }

    /** A line that runs a jar, given all that its JVM was given. */
    public static String ofJar(String jar, List<String> given) {
        return Stream.of(Stream.of("java"), given.stream().filter(each -> NEEDED.stream().anyMatch(each::startsWith)),
                Stream.of("-jar"), Stream.of(Path.of(jar))).flatMap(part -> part).map(ShellWord::of)
                .collect(Collectors.joining(" "));
    }

    public Console silent() {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, out.charset());
        return new Console(nowhere, nowhere, new Terminal(() -> 0, false), called, in);
    }

    /** A command line of the tool that can be pasted into a shell. */
    public String command(Object... words) {
        return called + Stream.of(words).map(word -> " " + ShellWord.of(word)).collect(Collectors.joining());
    }

    /** Prints a line of results, in which no control character of a file's is left. */
    public void line(String line) {
        out.print(Printable.text(line) + '\n');
        out.flush();
    }

    /** Prints a JSON document, lines and all; {@code Json} leaves no other control character in it. */
    public void json(String json) {
        out.print(json + '\n');
        out.flush();
    }

    @FormatMethod
    public void line(String format, @Nullable Object... values) {
        line(String.format(Locale.ROOT, format, values));
    }

    /** Tells of what does not go as it should, on a line that is no result. */
    public void warn(String warning) {
        say("charlstm: warning: " + warning);
    }

    /** Tells, on a line that is no result, of how things go. */
    public void say(String line) {
        // A signal's handler speaks while the progress is shown.
        synchronized (err) {
            wipe();
            err.print(CharlstmException.line(line) + '\n');
            err.flush();
        }
    }

    /** Shows on a terminal's last line how far something is, in place of what is there. */
    public void show(String progress) {
        if (isTerminal()) {
            synchronized (err) {
                err.print(terminal.replacing(progress));
                err.flush();
            }
        }
    }

    /** Takes what shows progress from a terminal's line. */
    public void wipe() {
        if (isTerminal()) {
            synchronized (err) {
                err.print(terminal.wiping());
                err.flush();
            }
        }
    }

    /** The columns that the terminal has now; 0 if there is none. */
    public int columns() {
        return terminal.columns();
    }

    public boolean isTerminal() {
        return columns() > 0;
    }
}
