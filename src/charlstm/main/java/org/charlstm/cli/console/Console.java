package org.charlstm.cli.console;

import com.google.errorprone.annotations.FormatMethod;
import java.lang.management.ManagementFactory;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.ShellWord;
import org.jspecify.annotations.Nullable;

/**
 * The streams and the terminal of a command.
 *
 * @param terminal the terminal of {@code err}; it has 0 columns if {@code err} is no terminal
 * @param called   the command that runs the tool, as it is typed
 * @param in       the input that the file name {@code -} stands for
 */
public record Console(PrintStream out, PrintStream err, Terminal terminal, String called, InputStream in) {
    /** The tool's name, used if no command is known that can be typed again. */
    public static final String NAME = "charlstm";
    /** The JVM options that the jar needs. */
    private static final List<String> NEEDED = List.of("--add-modules=", "--enable-native-access=");

    /** A console whose terminal keeps its number of columns. */
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

    /** A command line that runs a jar with only the needed options out of the given JVM options. */
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

    /** Prints a line of results; control characters are made visible. */
    public void line(String line) {
        out.print(Printable.text(line) + '\n');
        out.flush();
    }

    /** Prints a JSON document of one or more lines; {@code Json} writes no other control character than line feeds. */
    public void json(String json) {
        out.print(json + '\n');
        out.flush();
    }

    @FormatMethod
    public void line(String format, @Nullable Object... values) {
        line(String.format(Locale.ROOT, format, values));
    }

    /** Prints a warning to standard error. */
    public void warn(String warning) {
        say("charlstm: warning: " + warning);
    }

    /** Prints a line about the command's progress to standard error. */
    public void say(String line) {
        // A signal's handler may print while the progress is shown.
        synchronized (err) {
            wipe();
            err.print(CharlstmException.line(line) + '\n');
            err.flush();
        }
    }

    /** Shows progress on a terminal's last line, replacing its content. */
    public void show(String progress) {
        if (isTerminal()) {
            synchronized (err) {
                err.print(terminal.replacing(progress));
                err.flush();
            }
        }
    }

    /** Wipes the progress from a terminal's last line. */
    public void wipe() {
        if (isTerminal()) {
            synchronized (err) {
                err.print(terminal.wiping());
                err.flush();
            }
        }
    }

    /** The terminal's present number of columns; 0 if there is none. */
    public int columns() {
        return terminal.columns();
    }

    public boolean isTerminal() {
        return columns() > 0;
    }
}
