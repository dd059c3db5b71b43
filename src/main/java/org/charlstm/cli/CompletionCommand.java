package org.charlstm.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code charlstm completion}. */
@Command(name = "completion", description = "Prints a script with which bash and zsh complete commands, options, names "
        + "and files: source <(charlstm completion).")
final class CompletionCommand implements Callable<Integer> {
    @ParentCommand
    private Main main;
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine root = spec.root().commandLine();
        main.console().out().print(AutoComplete.bash(root.getCommandName(), root));
        return 0;
    }
}
