package org.charlstm.cli;

import module java.base;
import org.charlstm.cli.options.Subcommand;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.UnmatchedArgumentException;

@Command(name = "help", description = "Prints what --help of a command does, or of the tool itself.")
final class HelpCommand extends Subcommand {
    @Parameters(arity = "0..*", paramLabel = "COMMAND", completionCandidates = Names.class,
            description = "A command, and one of its own after it. Default: none, all commands.")
    private @Nullable List<String> names;

    private static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Commands.NAMES.iterator();
        }
    }

    @Override
    public Integer call() {
        CommandLine command = Main.commands(console());
        for (String name : names == null ? List.<String>of() : names) {
            CommandLine below = command.getSubcommands().get(name);
            if (below == null) {
                throw new UnmatchedArgumentException(command, List.of(name));
            }
            command = below;
        }
        command.usage(console().out());
        return 0;
    }
}
