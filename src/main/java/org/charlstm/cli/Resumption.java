package org.charlstm.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.charlstm.CharlstmException;
import org.charlstm.run.RunState;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The command line of a run that goes on: that of the run itself, with what is asked for now where that may differ. */
final class Resumption {
    /** What the text is called among a run's options. */
    static final String TEXT = "text";

    /** What does not change what is computed, but for the epochs and the patience, which only say when it ends. */
    private static final Set<String> FREE =
            Set.of("epochs", "patience", "device", "threads", "lstm", "rnn-algo", "cuda-binding", "no-graph",
                    "no-overlap",
                    "sample-every", "sample-count", "tensorboard", "png", "checkpoint-every", "keep", "verbose");
    /** What says where a run begins. */
    static final Set<String> BEGINNING = Set.of("out", "force", "init");

    /** Its file may have another name now, as the text's may; what is in them must be the same. */
    private static final String VALIDATION = "validation";

    private Resumption() {
    }

    /**
     * The arguments after the command's name.
     *
     * @param given what was asked for now
     * @param run   the run
     * @param state its state
     * @param text  the text that was named now, or null
     * @throws UsageException if something was asked for that may not differ
     */
    static List<String> line(ParseResult given, Path run, RunState state, @Nullable Path text) {
        List<String> line = new ArrayList<>(List.of("--resume=" + run));
        for (OptionSpec option : given.commandSpec().options()) {
            String name = option.longestName().substring(2);
            boolean asked = given.hasMatchedOption(option);
            if (asked && BEGINNING.contains(name)) {
                throw new UsageException("--" + name + " does not go with --resume; leave it out");
            }
            if (name.equals("resume") || BEGINNING.contains(name)) {
                continue;
            }
            String before = state.options().get(name);
            String now = asked ? option.getValue().toString() : before;
            if (!FREE.contains(name) && state.options().containsKey(name) && !Objects.equals(now, before)
                    && !(name.equals(VALIDATION) && before != null)) {
                throw new UsageException("--" + name + (isFlag(option) ? "" : " is " + now) + ", but " + run
                        + " was begun "
                        + (before == null || isFlag(option) ? "without it" : "with " + before) + "; leave it out");
            }
            if (now != null && (!isFlag(option) || now.equals("true"))) {
                line.add(option.longestName() + (isFlag(option) ? "" : "=" + now));
            }
        }
        String learned = text == null ? state.options().get(TEXT) : text.toString();
        if (text == null && learned != null && !Files.exists(Path.of(learned))) {
            throw new CharlstmException(
                    "the text of " + run + " was " + learned + ", which is not there from here; name "
                            + "where it is, after the run");
        }
        if (learned != null) {
            line.addAll(List.of("--", learned));
        }
        return line;
    }

    private static boolean isFlag(OptionSpec option) {
        return option.arity().max() == 0;
    }
}
