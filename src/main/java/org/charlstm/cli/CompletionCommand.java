package org.charlstm.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code charlstm completion}. */
@Command(name = "completion", description = "Prints a script with which bash and zsh complete commands, options, names "
        + "and files: source <(charlstm completion).")
final class CompletionCommand implements Callable<Integer> {
    @ParentCommand
    private Main main;

    @Override
    public Integer call() {
        CommandLine root = Main.commands(main.console());
        main.console().out().print(AutoComplete.bash(root.getCommandName(), root));
        return 0;
    }
}
