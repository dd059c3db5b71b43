package org.charlstm.cli;

import java.util.concurrent.Callable;
import org.charlstm.text.generated.GeneratedCaptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code charlstm captions}. */
@Command(name = "captions", sortOptions = false,
        description = "Prints the built-in generated captions, one a line.")
final class CaptionsCommand implements Callable<Integer> {
    @ParentCommand
    private Main main;

    @Option(names = "--count", paramLabel = "N", defaultValue = "" + GeneratedCaptions.DEFAULT_COUNT,
            description = "How many. Default: ${DEFAULT-VALUE}.")
    private int count;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "" + GeneratedCaptions.DEFAULT_SEED,
            description = "Which of them. Default: ${DEFAULT-VALUE}, as in training.")
    private long seed;

    @Override
    public Integer call() {
        UsageException.requireAtLeast("--count", count, 1);
        StringBuilder lines = new StringBuilder();
        GeneratedCaptions.generate(count, seed).forEach(caption -> lines.append(caption).append('\n'));
        main.console().out().print(lines);
        return 0;
    }
}
