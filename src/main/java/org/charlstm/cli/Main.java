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
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.Quantity;
import org.charlstm.Setting;
import org.charlstm.run.Machine;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** The tool. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted. */
@Command(name = "charlstm", description = "Trains character-level LSTM language models and samples from them.",
        synopsisSubcommandLabel = "COMMAND", mixinStandardHelpOptions = true, versionProvider = Main.Version.class,
        scope = ScopeType.INHERIT)
public final class Main implements Runnable {
    /** Exit code of a failure. */
    static final int FAILED = 1;
    /** Exit code of wrong usage. */
    static final int USAGE = 2;
    /** Exit code after Ctrl-C. */
    static final int INTERRUPTED = 130;

    /** Other programs' names of options, and ours; where there are several, a command's first of them is meant. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(Map.entry("lr", "--learning-rate"),
            Map.entry("rnn-size", "--hidden"), Map.entry("units", "--hidden"), Map.entry("num-layers", "--layers"),
            Map.entry("seq-length", "--window"), Map.entry("maxlen", "--window"), Map.entry("length", "--max-length"),
            Map.entry("n", "--count -k --max-samples"), Map.entry("primetext", "--prime"),
            Map.entry("start-text", "--prime"), Map.entry("max-epochs", "--epochs"),
            Map.entry("val-frac", "--validation-split"), Map.entry("checkpoint", "--resume"));

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show the stack trace of a failure.")
    private boolean verbose;

    private final Console console;
    private final Speaker speaker = new Speaker();

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
        StandardError.restore();
        Output output = new Output();
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

    /**
     * Runs the tool.
     *
     * @param console   where it writes
     */
    static int run(Console console, String... arguments) {
        boolean named = arguments.length > 0 && Subcommands.NAMES.contains(arguments[0]);
        CommandLine commands = commands(console, named ? List.of(arguments[0]) : Subcommands.NAMES);
        try {
            return commands.execute(arguments);
        } catch (OutOfMemoryError e) {
            return commands.<Main>getCommand().failed(e, commands);
        }
    }

    /** All commands, ready to run. */
    static CommandLine commands(Console console) {
        return commands(console, Subcommands.NAMES);
    }

    private static CommandLine commands(Console console, List<String> names) {
        Main main = new Main(console);
        CommandLine commands = new CommandLine(main);
        names.forEach(name -> commands.addSubcommand(Subcommands.make(name)));
        commands.getSubcommands().values().forEach(OptionSection::show);
        commands.setExpandAtFiles(false);
        commands.setOut(new PrintWriter(console.out(), true, console.out().charset()));
        commands.setErr(new PrintWriter(console.err(), true, console.err().charset()));
        commands.setUsageHelpAutoWidth(false);
        commands.setParameterExceptionHandler((e, args) -> {
            return main.report(main.usage(e), e, e.getCommandLine(), USAGE);
        });
        commands.setExecutionExceptionHandler((e, command, result) -> main.failed(e, command));
        return commands;
    }

    /** One line of what the parser says. */
    private String usage(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
            String first = unmatched.getUnmatched().getFirst();
            boolean top = e.getCommandLine().getParent() == null;
            return (first.startsWith("-") ? "unknown option '" : top ? "unknown command '" : "unexpected argument '")
                    + first + "'; " + meant(unmatched, first) + help(e.getCommandLine()) + " lists what there is";
        }
        if (e instanceof MissingParameterException missing && !missing.getMissing().isEmpty()) {
            return missing.getMissing().stream().map(argument -> argument instanceof OptionSpec option
                    ? argument.paramLabel() + " of " + option.longestName() : argument.paramLabel())
                    .collect(Collectors.joining(" and ")) + (missing.getMissing().size() == 1 ? " is" : " are")
                    + " missing; " + help(e.getCommandLine()) + " lists what there is";
        }
        if (e.getArgSpec() instanceof OptionSpec option && option.type().isEnum() && e.getValue() != null) {
            return option.longestName() + " is '" + e.getValue() + "'; there are "
                    + String.join(", ", option.completionCandidates());
        }
        String message = e.getMessage();
        return (message == null ? "wrong usage" : message.lines().findFirst().orElse("wrong usage")) + " ("
                + help(e.getCommandLine()) + " says more)";
    }

    /** What somebody who mistyped meant; a command is hardly ever mistyped in its first letter. */
    private static String meant(UnmatchedArgumentException e, String typed) {
        String elsewhere = ELSEWHERE.get(typed.replaceFirst("^-+", "").replaceFirst("=.*", "").replace('_', '-'));
        if (typed.startsWith("-") && elsewhere != null) {
            List<String> known = Stream.of(elsewhere.split(" "))
                    .filter(e.getCommandLine().getCommandSpec().optionsMap()::containsKey).limit(1).toList();
            if (!known.isEmpty()) {
                return "did you mean " + known.getFirst() + "? ";
            }
        }
        List<String> similar = e.getSuggestions().stream()
                .filter(name -> name.regionMatches(true, 0, typed, 0, 1)).limit(typed.startsWith("-") ? 2 : 1).toList();
        // What was cut short is likelier than what is like it.
        List<String> longer = similar.stream().filter(name -> name.startsWith(typed)).toList();
        similar = longer.isEmpty() ? similar : longer;
        return similar.isEmpty() ? "" : "did you mean " + String.join(" or ", similar) + "? ";
    }

    private String help(CommandLine command) {
        return command.getCommandSpec().qualifiedName().replaceFirst("^\\S+",
                Matcher.quoteReplacement(console.called()))
                + " --help";
    }

    private int failed(Throwable failure, CommandLine command) {
        Throwable e = failure;
        // Of several threads one may have found no memory.
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            e = !(failure instanceof CharlstmException) && cause instanceof OutOfMemoryError ? cause : e;
        }
        String message = switch (e) {
            case UsageException usage -> usage.getMessage();
            case CharlstmException known -> known.getMessage() + options(known, command);
            case OutOfMemoryError memory -> "out of memory (" + memory.getMessage() + ") with at most "
                    + Quantity.bytes(Runtime.getRuntime().maxMemory()) + " for the JVM; ask for less at a time "
                    + "(--batch-size, --window, --max-caption, --max-samples), or give it more with "
                    + "JDK_JAVA_OPTIONS=-Xmx...";
            default -> "internal error: " + e + "; --verbose shows where";
        };
        return report(String.valueOf(message), e, command, e instanceof UsageException ? USAGE : FAILED);
    }

    /** The command's options that set what would mend a failure. */
    private static String options(CharlstmException failure, CommandLine command) {
        List<String> options = failure.settings().stream().map(Main::option)
                .filter(command.getCommandSpec().optionsMap()::containsKey).toList();
        return options.isEmpty() ? "" : " (" + String.join(", ", options) + ")";
    }

    static String option(Setting setting) {
        return switch (setting) {
            case SAMPLES -> "--max-samples";
            case CAPTION_LENGTH -> "--max-caption";
            case UNITS -> "--hidden";
            case INITIAL_MODEL -> "--init";
            case LSTM_ENGINE -> "--lstm";
            case CUDNN_ALGORITHM -> "--rnn-algo";
            case OUTPUT -> "--out";
            case OVERWRITE -> "--force";
            case FILE_FORMAT -> "--format";
            case BEGINNING -> "--prime";
            case BEGINNINGS -> "--prime-file";
            case TEXT_LENGTH -> "--max-length";
            case ADDRESS -> "--listen";
            default -> "--" + setting.name().toLowerCase(Locale.ROOT).replace('_', '-');
        };
    }

    private int report(String message, Throwable e, CommandLine command, int code) {
        // No other command is for several processes together.
        String who = command.getCommandName().equals("train") ? speaker.turn() : "";
        console.err().println(CharlstmException.line("charlstm: " + who + message));
        if (verbose) {
            StringBuilder trace = new StringBuilder();
            for (Throwable at = e; at != null; at = at.getCause()) {
                trace.append(CharlstmException.line(at.toString())).append('\n');
                for (StackTraceElement frame : at.getStackTrace()) {
                    trace.append("    at ").append(frame).append('\n');
                }
            }
            console.err().print(trace);
        }
        console.err().flush();
        speaker.end(code);
        return code;
    }

    /** Has errors begin with whose they are, once this process has joined others. */
    void speaksAs(String who) {
        speaker.joined(who);
    }

    /** Where commands write. */
    Console console() {
        return console;
    }

    @Override
    public void run() {
        throw new UsageException("no command given; " + console.command("--help") + " lists them");
    }
}
