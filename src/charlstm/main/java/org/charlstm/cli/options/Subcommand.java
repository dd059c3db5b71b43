package org.charlstm.cli.options;

import module java.base;
import org.charlstm.cli.console.Console;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command of the tool: its options and its action, which returns the exit code. */
public abstract class Subcommand implements Callable<Integer> {
    @Spec
    protected CommandSpec spec;

    /** The tool to which the commands belong. */
    public interface Tool {
        Console console();
    }

    protected Console console() {
        return ((Tool) spec.root().userObject()).console();
    }

    /** The options that the command line has, out of the given names. */
    protected List<String> given(String... options) {
        return Stream.of(options).filter(spec.commandLine().getParseResult()::hasMatchedOption).toList();
    }

    protected List<String> words() {
        return Stream.concat(Stream.of("charlstm"), spec.root().commandLine().getParseResult().originalArgs().stream())
                .toList();
    }
}
