package org.charlstm.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.IntSupplier;
import org.charlstm.run.Machine;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The tool. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted. */
@Command(name = "charlstm", description = "Trains character-level LSTM language models and samples from them.",
        synopsisSubcommandLabel = "COMMAND", mixinStandardHelpOptions = true, versionProvider = Main.Version.class,
        scope = ScopeType.INHERIT)
public final class Main implements Runnable {
    static final int FAILED = 1;
    static final int USAGE = 2;
    /** The exit code after Ctrl-C. */
    static final int INTERRUPTED = 130;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show the stack trace of a failure.")
    private boolean verbose;

    private final Console console;
    private final Failures failures = new Failures(this);

    /** The program's version. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"charlstm " + Machine.version()};
        }
    }

    private Main(Console console) {
        this.console = console;
    }

    /** Runs the tool and ends the process. */
    public static void main(String[] arguments) {
        System.exit(orNoMemory(new FileOutputStream(FileDescriptor.err), () -> run(arguments)));
    }

    /**
     * The exit code of the tool; where there is no memory left even to word a failure, that of a failure, and a line.
     *
     * @param err where the line goes
     */
    static int orNoMemory(OutputStream err, IntSupplier tool) {
        // Made before it is needed.
        byte[] line = "charlstm: out of memory; give the JVM more with JDK_JAVA_OPTIONS=-Xmx...\n"
                .getBytes(StandardCharsets.US_ASCII);
        try {
            return tool.getAsInt();
        } catch (OutOfMemoryError e) {
            try {
                err.write(line);
            } catch (IOException unsaid) {
                e.addSuppressed(unsaid);
            }
            return FAILED;
        }
    }

    private static int run(String... arguments) {
        Locale.setDefault(Locale.ROOT);
        StandardStreams.restoreError();
        StandardStreams.Output output = new StandardStreams.Output();
        Console console = new Console(utf8(output), utf8(new FileOutputStream(FileDescriptor.err)),
                Integer.getInteger("charlstm.columns", 0), Invocation.called(), System.in);
        int code = run(console, arguments);
        console.out().flush();
        if (output.failure() != null) {
            console.err().println("charlstm: standard output cannot be written: " + output.failure());
            code = code == 0 ? FAILED : code;
        }
        console.err().flush();
        return code;
    }

    private static PrintStream utf8(OutputStream stream) {
        return new PrintStream(new BufferedOutputStream(stream), false, StandardCharsets.UTF_8);
    }

    /** Runs the tool on a console. */
    static int run(Console console, String... arguments) {
        boolean named = arguments.length > 0 && Subcommand.NAMES.contains(arguments[0]);
        CommandLine commands = commands(console, named ? List.of(arguments[0]) : Subcommand.NAMES);
        try {
            return commands.execute(arguments);
        } catch (OutOfMemoryError e) {
            return commands.<Main>getCommand().failures.failed(e, commands);
        }
    }

    /** All commands, ready to run. */
    static CommandLine commands(Console console) {
        return commands(console, Subcommand.NAMES);
    }

    private static CommandLine commands(Console console, List<String> names) {
        Main main = new Main(console);
        CommandLine commands = new CommandLine(main);
        Subcommand.add(names, commands);
        commands.getSubcommands().values().forEach(OptionSection::show);
        commands.setExpandAtFiles(false);
        commands.setOut(new PrintWriter(console.out(), true, console.out().charset()));
        commands.setErr(new PrintWriter(console.err(), true, console.err().charset()));
        commands.setUsageHelpAutoWidth(false);
        commands.setParameterExceptionHandler((e, args) -> main.failures.usage(e));
        commands.setExecutionExceptionHandler((e, command, result) -> main.failures.failed(e, command));
        return commands;
    }

    /** Where commands write. */
    Console console() {
        return console;
    }

    /** How failures are reported. */
    Failures failures() {
        return failures;
    }

    boolean isVerbose() {
        return verbose;
    }

    @Override
    public void run() {
        throw new UsageException("no command given; " + console.command("--help") + " lists them");
    }
}
