package org.charlstm.cli;

import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.charlstm.CharlstmException;
import org.charlstm.base.Json;
import org.charlstm.base.UntrustedJson;
import org.charlstm.run.folder.RunState;
import org.charlstm.text.TextInput;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The command line of a resumed run: the run's own, with the options that may be given anew. */
final class Resumption {
    /** The text's name among a run's options, and the name of a JSON array of those after the first. */
    private static final String TEXT = "text";
    private static final String MORE_TEXTS = "more-texts";
    /** Far more texts than a command line can name. */
    private static final int MAX_TEXTS = 1_000_000;

    /**
     * Options that a resumed run may give anew. Most of them change no result. Epochs and patience say when the run
     * ends, the rate and its schedule how far updates go.
     */
    private static final Set<String> FREE =
            Set.of("epochs", "patience", "learning-rate", "schedule", "warm-up", "encoding", "device", "threads",
                    "lstm", "rnn-algo", "cuda-binding", "rank-timeout", "no-graph", "no-overlap", "sample-every",
                    "sample-count", "tensorboard", "png", "checkpoint-every", "keep", "verbose");
    /** Options of a schedule, which another one does not take over. */
    private static final Set<String> OF_SCHEDULE =
            Set.of("decay", "decay-every", "decay-epochs", "min-rate", "decay-patience");

    /** The options that say where a run begins. */
    static final Set<String> BEGINNING = Set.of("out", "force", "init");

    /** Options whose file may have another name now, with the same content. */
    private static final Set<String> MOVED = Set.of("validation", "condition", "validation-condition");

    private Resumption() {
    }

    /**
     * The arguments after the command's name.
     *
     * @param given what was asked for now
     * @param text  the texts that were named now, or null
     * @throws UsageException if something was asked for that may not differ
     */
    static List<String> line(ParseResult given, Path run, RunState state, @Nullable List<Path> text) {
        List<String> line = new ArrayList<>(List.of("--resume=" + run));
        OptionSpec schedule = given.commandSpec().findOption("--schedule");
        boolean another = given.hasMatchedOption(schedule)
                && !schedule.getValue().toString().equals(state.options().get("schedule"));
        for (OptionSpec option : given.commandSpec().options()) {
            String name = option.longestName().substring(2);
            boolean asked = given.hasMatchedOption(option);
            UsageException.when(asked && BEGINNING.contains(name), "--%s does not go with --resume; leave it out",
                    name);
            if (name.equals("resume") || BEGINNING.contains(name)) {
                continue;
            }
            String before = state.options().get(name);
            String now = asked ? option.getValue().toString() : another && OF_SCHEDULE.contains(name) ? null : before;
            UsageException.when(!FREE.contains(name) && !OF_SCHEDULE.contains(name) && state.options().containsKey(name)
                    && !Objects.equals(now, before) && !(MOVED.contains(name) && before != null),
                    "--%s%s, but %s was begun %s; leave it out%s", name, isFlag(option) ? "" : " is " + now, run,
                    before == null || isFlag(option) ? "without it" : "with " + before,
                    isOfModel(option) ? "" : ", or begin another run from its weights with --init " + run);
            if (now != null && (!isFlag(option) || now.equals("true"))) {
                line.add(option.longestName() + (isFlag(option) ? "" : "=" + now));
            }
        }
        List<String> learned = text == null ? kept(run, state.options()) : text.stream().map(Path::toString).toList();
        for (String each : text == null ? learned : List.<String>of()) {
            if (!Files.exists(Path.of(each))) {
                throw new CharlstmException("the text of " + run + " was "
                        + (Path.of(each).equals(TextInput.STANDARD_INPUT) ? "standard input; name it again, or a file "
                                + "that has the same, after the run"
                                : each + ", which is not there from here; name where it is, after the run"));
            }
        }
        if (!learned.isEmpty()) {
            line.add("--");
            line.addAll(learned);
        }
        return line;
    }

    /** Puts the text's names among a run's options. */
    static void keep(@Nullable List<Path> text, Map<String, @Nullable String> options) {
        options.put(TEXT, text == null ? null : text.getFirst().toString());
        if (text != null && text.size() > 1) {
            options.put(MORE_TEXTS, Json.compact(Json.array(text.stream().skip(1).map(Path::toString).toList())));
        }
    }

    private static List<String> kept(Path run, Map<String, @Nullable String> options) {
        List<String> kept = new ArrayList<>();
        Optional.ofNullable(options.get(TEXT)).ifPresent(kept::add);
        String more = options.get(MORE_TEXTS);
        if (more != null) {
            kept.addAll(UntrustedJson.read(run + " does not say which texts it learned", "name them, after the run",
                    () -> UntrustedJson.each(MORE_TEXTS, Json.value(more, MAX_TEXTS), UntrustedJson::argument)));
        }
        return kept;
    }

    /** Whether an option is for a new model; a model that is there cannot change so. */
    private static boolean isOfModel(OptionSpec option) {
        return option.userObject() instanceof Field field && field.getDeclaringClass() == ModelOptions.class;
    }

    private static boolean isFlag(OptionSpec option) {
        return option.arity().max() == 0;
    }
}
