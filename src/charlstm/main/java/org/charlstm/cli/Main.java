package org.charlstm.cli;

import module java.base;
import org.charlstm.base.IoFailure;
import org.charlstm.base.Machine;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.console.Terminal;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.Converters;
import org.charlstm.cli.options.OptionSection;
import org.charlstm.cli.options.Subcommand;
import org.charlstm.cli.options.TrainOption;
import org.charlstm.cli.options.TrainOption.Resumed;
import org.charlstm.cli.options.TrainOption.Section;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The tool. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted. */
@Command(name = "charlstm", description = "Trains character-level language models and samples from them.",
        synopsisSubcommandLabel = "COMMAND", mixinStandardHelpOptions = true, versionProvider = Main.Version.class,
        scope = ScopeType.INHERIT)
public final class Main implements Runnable, Subcommand.Tool {
    public static final int FAILED = 1;
    public static final int USAGE = 2;
    public static final int INTERRUPTED = 130;

    /** Questions about the tool itself, whose answers need no command's options. */
    private static final Set<String> OF_THE_TOOL = Set.of("--help", "-h", "--version", "-V");

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show the stack trace of a failure.")
    @TrainOption(section = Section.OF_EVERY_COMMAND, resumed = Resumed.FREE)
    boolean verbose;

    final Console console;
    final Failures failures = new Failures(this);

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"charlstm " + Machine.version()};
        }
    }

    /** Standard output that remembers why writing failed, which a print stream alone does not. */
    private static final class Output extends FileOutputStream {
        private @Nullable String failure;

        Output() {
            super(FileDescriptor.out);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            try {
                super.write(bytes, from, length);
            } catch (IOException e) {
                String why = IoFailure.of(e);
                // The reader has gone away, as head does; this is not a failure of charlstm.
                failure = why.equals("Broken pipe") ? null : why;
                throw e;
            }
        }
    }

    private Main(Console console) {
        this.console = console;
    }

    public static void main(String[] arguments) {
        System.exit(orNoMemory(new FileOutputStream(FileDescriptor.err), () -> run(arguments)));
    }

    /** The tool's exit code. If memory is too short even to word a failure, prints a prepared line and fails. */
    public static int orNoMemory(OutputStream err, IntSupplier tool) {
        // The line is created before it is needed.
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
        restoreError();
        Output output = new Output();
        Console console = new Console(utf8(output), utf8(new FileOutputStream(FileDescriptor.err)),
                Terminal.ofProcess(Integer.getInteger("charlstm.columns", 0)), Console.calledAs(), System.in);
        int code = run(console, arguments);
        console.out().flush();
        if (output.failure != null) {
            console.err().println("charlstm: standard output cannot be written: " + output.failure);
            code = code == 0 ? FAILED : code;
        }
        console.err().flush();
        return code;
    }

    /**
     * Restores the true standard error. The JVM prints a notice about its incubator modules before any Java code runs,
     * so the launcher starts the JVM with a filter on descriptor 2 and the true standard error on another descriptor.
     */
    @SuppressWarnings("restricted")
    private static void restoreError() {
        Integer saved = Integer.getInteger("charlstm.stderr");
        if (saved == null) {
            return;
        }
        Linker linker = Linker.nativeLinker();
        MethodHandle dup2 = linker.downcallHandle(linker.defaultLookup().findOrThrow("dup2"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            int result = (int) dup2.invokeExact((int) saved, 2);
            if (result != 2) {
                System.err.println("charlstm: standard error stays behind the launcher's filter");
            }
        } catch (Throwable e) {
            throw new IllegalStateException("dup2 cannot be called", e);
        }
    }

    private static PrintStream utf8(OutputStream stream) {
        return new PrintStream(new BufferedOutputStream(stream), false, StandardCharsets.UTF_8);
    }

    public static int run(Console console, String... arguments) {
        String first = arguments.length == 0 ? "" : arguments[0];
        boolean asks = arguments.length == 1 && OF_THE_TOOL.contains(first);
        CommandLine commands = commands(console, asks ? Commands::addNames
                : tool -> Commands.add(Commands.NAMES.contains(first) ? List.of(first) : Commands.NAMES, tool));
        try {
            return commands.execute(arguments);
        } catch (OutOfMemoryError e) {
            return commands.<Main>getCommand().failures.failed(e, commands);
        }
    }

    public static CommandLine commands(Console console) {
        return commands(console, tool -> Commands.add(Commands.NAMES, tool));
    }

    private static CommandLine commands(Console console, Consumer<CommandLine> subcommands) {
        Main main = new Main(console);
        CommandLine commands = new CommandLine(main);
        subcommands.accept(commands);
        commands.getSubcommands().values().forEach(OptionSection::show);
        commands.setExpandAtFiles(false);
        commands.registerConverter(Path.class, new Converters.Named());
        commands.setOut(new PrintWriter(console.out(), true, console.out().charset()));
        commands.setErr(new PrintWriter(console.err(), true, console.err().charset()));
        commands.setUsageHelpAutoWidth(false);
        commands.setParameterExceptionHandler((e, args) -> main.failures.usage(e));
        commands.setExecutionExceptionHandler((e, command, result) -> main.failures.failed(e, command));
        return commands;
    }

    @Override
    public Console console() {
        return console;
    }

    @Override
    public void run() {
        throw new UsageException("no command given; " + console.command("--help") + " lists them");
    }
}
