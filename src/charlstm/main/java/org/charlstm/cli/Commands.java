package org.charlstm.cli;

import module java.base;
import org.charlstm.cli.model.EvalCommand;
import org.charlstm.cli.model.SampleCommand;
import org.charlstm.cli.model.ScoreCommand;
import org.charlstm.cli.model.ShowCommand;
import org.charlstm.cli.model.TopCommand;
import org.charlstm.cli.model.VerifyCommand;
import org.charlstm.cli.options.Subcommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** The commands of the tool. */
final class Commands {
    /** The commands in the order of the help. */
    private static final List<Class<? extends Subcommand>> ALL =
            List.of(TrainCommand.class, SampleCommand.class, TopCommand.class, VerifyCommand.class, EvalCommand.class,
                    ScoreCommand.class, ShowCommand.class, ReportCommand.class, ServeCommand.class, BenchCommand.class,
                    EncodeCommand.class, CaptionsCommand.class, ImportCommand.class, ExportCommand.class,
                    DoctorCommand.class, SelftestCommand.class, CompletionCommand.class, HelpCommand.class);
    static final List<String> NAMES = ALL.stream().map(Commands::name).toList();

    private static String name(Class<?> type) {
        return type.getSimpleName().replace("Command", "").toLowerCase(Locale.ROOT);
    }

    /** Adds some of the commands to the tool. Reading the annotations of all commands takes a tenth of a second. */
    static void add(List<String> names, CommandLine tool) {
        ALL.stream().filter(type -> names.contains(name(type))).forEach(type -> tool.addSubcommand(name(type), type));
    }

    /** Adds all commands without their options, which the tool's own help does not show. */
    static void addNames(CommandLine tool) {
        for (Class<?> type : ALL) {
            CommandSpec named = CommandSpec.create();
            named.usageMessage().description(type.getAnnotation(Command.class).description());
            tool.addSubcommand(name(type), named);
        }
    }
}
