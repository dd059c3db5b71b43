package org.charlstm.cli;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Setting;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.console.Spelling;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.Converters;
import org.charlstm.cuda.CudaException;
import org.charlstm.device.spi.MemorySize;
import org.charlstm.rank.EarlyFailure;
import org.charlstm.rank.ProcessLaunch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Words each failure of a command as one line on standard error. Ranks take turns. */
final class Failures {
    /** Other programs' names of options, and ours. Of several, the first that a command has is suggested. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(Map.entry("lr", "--learning-rate"),
            Map.entry("rnn-size", "--hidden"), Map.entry("units", "--hidden"), Map.entry("num-layers", "--layers"),
            Map.entry("seq-length", "--window"), Map.entry("maxlen", "--window"), Map.entry("length", "--max-length"),
            Map.entry("n", "--count -k --max-samples"), Map.entry("primetext", "--prime"),
            Map.entry("start-text", "--prime"), Map.entry("max-epochs", "--epochs"),
            Map.entry("val-frac", "--validation-split"), Map.entry("checkpoint", "--resume"));

    private final Main main;
    private String rank = "";
    private boolean joined;
    /** Null unless this process has failed before it joined the other ranks. */
    private @Nullable EarlyFailure failed;

    Failures(Main main) {
        this.main = main;
    }

    /** Makes messages begin with the name of this rank, empty for the first, once the rank has joined the others. */
    void joinedAs(String name) {
        joined = true;
        rank = name;
    }

    /** Reports a command line that picocli cannot parse; returns the exit code. */
    int usage(ParameterException e) {
        return report(parsing(e), e, e.getCommandLine(), Main.USAGE);
    }

    /** Reports an exception of a command; returns the exit code. */
    int failed(Throwable failure, CommandLine command) {
        Throwable e = failure;
        // One of several threads may have run out of memory.
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            e = !(failure instanceof CharlstmException) && cause instanceof OutOfMemoryError ? cause : e;
        }
        String message = switch (e) {
            case UsageException usage -> usage.getMessage();
            // The program with the wrong call or kernel is charlstm itself here.
            case CharlstmException known -> known.getMessage() + options(known, command)
                    + (known instanceof CudaException call && call.ofProgram()
                            ? "; this is a bug in charlstm or in what it calls: please report it" : "");
            case OutOfMemoryError memory -> "out of memory (" + memory.getMessage() + ") with at most "
                    + MemorySize.text(Runtime.getRuntime().maxMemory()) + " for the JVM; ask for less at a time "
                    + "(--batch-size, --window, --max-caption, --max-samples), or give it more with "
                    + "JDK_JAVA_OPTIONS=-Xmx...";
            default -> "internal error: " + e + "; --verbose shows where";
        };
        return report(String.valueOf(message), e, command, e instanceof UsageException ? Main.USAGE : Main.FAILED);
    }

    private String parsing(ParameterException e) {
        CommandLine command = e.getCommandLine();
        if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
            String first = unmatched.getUnmatched().getFirst();
            if (first.isEmpty()) {
                return "an argument is empty; a variable of the shell may be unset";
            }
            return (first.startsWith("-") ? "unknown option '" : command.getParent() == null ? "unknown command '"
                    : "unexpected argument '") + first + "'; " + meant(unmatched, first) + help(command)
                    + " lists what there is";
        }
        if (e instanceof MissingParameterException missing && !missing.getMissing().isEmpty()) {
            return missing.getMissing().stream().map(argument -> argument instanceof OptionSpec option
                    ? argument.paramLabel() + " of " + option.longestName() : argument.paramLabel())
                    .collect(Collectors.joining(" and ")) + (missing.getMissing().size() == 1 ? " is" : " are")
                    + " missing; " + help(command) + " lists what there is";
        }
        if (e.getArgSpec() instanceof OptionSpec option && e.getValue() != null) {
            String value = option.longestName() + (option.isMultiValue() ? " has " : " is ");
            if (option.completionCandidates() != null) {
                return value + "'" + e.getValue() + "'; " + meant(option.completionCandidates(), e.getValue())
                        + "there are " + String.join(", ", option.completionCandidates());
            }
            if (e.getCause() instanceof UsageException range) {
                return value + (e.getValue().isEmpty() ? "empty" : e.getValue()) + "; " + range.getMessage();
            }
            String type = option.auxiliaryTypes()[0].getSimpleName().toLowerCase(Locale.ROOT);
            if (List.of("int", "integer", "long", "double").contains(type)) {
                return value + "'" + e.getValue() + "'; it must be " + (type.equals("double") ? "a number"
                        : Converters.isWhole(e.getValue()) ? limit(type, e.getValue()) : "a whole number");
            }
        }
        if (e.getArgSpec() instanceof PositionalParamSpec argument && e.getCause() instanceof UsageException refused) {
            return argument.paramLabel() + " is " + (e.getValue().isEmpty() ? "empty" : e.getValue()) + "; "
                    + refused.getMessage();
        }
        String message = e.getMessage();
        return (message == null ? "wrong usage" : message.lines().findFirst().orElse("wrong usage")) + " ("
                + help(command) + " says more)";
    }

    private static String limit(String type, String beyond) {
        boolean wide = type.equals("long");
        return beyond.startsWith("-") ? "at least " + (wide ? Long.MIN_VALUE : Integer.MIN_VALUE)
                : "at most " + (wide ? Long.MAX_VALUE : Integer.MAX_VALUE);
    }

    /** The valid value that resembles a mistyped value. */
    private static String meant(Iterable<String> values, String typed) {
        String lower = typed.toLowerCase(Locale.ROOT);
        for (String value : values) {
            if (value.equals(lower) || Spelling.isNearly(lower, value)) {
                return "did you mean " + value + "? ";
            }
        }
        return "";
    }

    /** The options or commands that resemble a mistyped word. The first letter of a command is hardly ever mistyped. */
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
        // A name that begins with the word is likelier than a name that resembles it.
        List<String> longer = similar.stream().filter(name -> name.startsWith(typed)).toList();
        similar = longer.isEmpty() ? similar : longer;
        return similar.isEmpty() ? "" : "did you mean " + String.join(" or ", similar) + "? ";
    }

    private String help(CommandLine command) {
        return command.getCommandSpec().qualifiedName().replaceFirst("^\\S+",
                Matcher.quoteReplacement(main.console.called())) + " --help";
    }

    private static String options(CharlstmException failure, CommandLine command) {
        List<String> options = Setting.mending(failure).stream().map(Failures::option)
                .filter(command.getCommandSpec().optionsMap()::containsKey).toList();
        return options.isEmpty() ? "" : " (" + String.join(", ", options) + ")";
    }

    static String option(Setting setting) {
        return switch (setting) {
            case SAMPLES -> "--max-samples";
            case CAPTION_LENGTH -> "--max-caption";
            case UNITS -> "--hidden";
            case INITIAL_MODEL -> "--init";
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
        // No other command runs in several processes together.
        if (!joined && command.getCommandName().equals("train")) {
            awaitTurn();
        }
        Console console = main.console;
        console.err().println(CharlstmException.line("charlstm: " + rank + message));
        if (main.verbose) {
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
        if (failed != null) {
            failed.endAll(code);
        }
        return code;
    }

    /** Waits for this rank's turn to report a failure, which may never come. */
    private void awaitTurn() {
        try {
            ProcessLaunch launch = ProcessLaunch.here();
            rank = launch.several() && launch.rank() > 0
                    ? "rank " + launch.rank() + " on host " + ProcessLaunch.host() + ": " : "";
            failed = new EarlyFailure(launch);
            failed.awaitTurn();
        } catch (CharlstmException e) {
            // The launcher has not told this process its rank.
            rank = "";
        }
    }
}
