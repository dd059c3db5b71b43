package org.charlstm.cli;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command of the tool: its options, and what it does, which returns the exit code. */
abstract class Subcommand implements Callable<Integer> {
    /** In the order in which the help lists them. */
    private static final List<Class<? extends Subcommand>> ALL =
            List.of(TrainCommand.class, SampleCommand.class, TopCommand.class, VerifyCommand.class, EvalCommand.class,
                    ScoreCommand.class, ShowCommand.class, ReportCommand.class, ServeCommand.class, BenchCommand.class,
                    EncodeCommand.class, CaptionsCommand.class, ImportCommand.class, ExportCommand.class,
                    DoctorCommand.class, SelftestCommand.class, CompletionCommand.class, HelpCommand.class);
    static final List<String> NAMES = ALL.stream().map(Subcommand::name).toList();

    @Spec
    CommandSpec spec;

    private static String name(Class<?> type) {
        return type.getSimpleName().replace("Command", "").toLowerCase(Locale.ROOT);
    }

    /** Adds some of the commands to the tool. To read the annotations of all takes a tenth of a second. */
    static void add(List<String> names, CommandLine tool) {
        ALL.stream().filter(type -> names.contains(name(type))).forEach(type -> tool.addSubcommand(name(type), type));
    }

    Main main() {
        return (Main) spec.root().userObject();
    }

    Console console() {
        return main().console;
    }

    /** Those of some options that the command line has. */
    List<String> given(String... options) {
        return Stream.of(options).filter(spec.commandLine().getParseResult()::hasMatchedOption).toList();
    }

    List<String> words() {
        return Stream.concat(Stream.of("charlstm"), spec.root().commandLine().getParseResult().originalArgs().stream())
                .toList();
    }
}
