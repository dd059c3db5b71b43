package org.charlstm.cli;

import org.charlstm.cli.options.Subcommand;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(name = "completion", description = "Prints a script with which bash and zsh complete commands, options, names "
        + "and files: source <(charlstm completion).")
final class CompletionCommand extends Subcommand {
    @Override
    public Integer call() {
        CommandLine root = Main.commands(console());
        console().out().print(AutoComplete.bash(root.getCommandName(), root));
        return 0;
    }
}
