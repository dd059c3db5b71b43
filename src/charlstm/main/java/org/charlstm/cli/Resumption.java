package org.charlstm.cli;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Json;
import org.charlstm.base.UntrustedJson;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.OptionSection;
import org.charlstm.cli.options.TrainOption;
import org.charlstm.cli.options.TrainOption.Resumed;
import org.charlstm.run.folder.RunState;
import org.charlstm.text.TextInput;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The command line of a resumed run: the run's own options, and the new values of options that may change. */
final class Resumption {
    /** The key of the text among a run's options, and the key of a JSON array of the further texts. */
    private static final String TEXT = "text";
    private static final String MORE_TEXTS = "more-texts";
    /** The key of the folder to which relative names among a run's options refer. */
    private static final String FOLDER = "relative-to";
    /** A limit far above the number of texts that a command line can name. */
    private static final int MAX_TEXTS = 1_000_000;

    /**
     * The arguments after the command's name. Refuses options that are given now but may not change.
     *
     * @param typed the command line that resumes the run, for messages
     */
    static List<String> line(ParseResult given, Path run, RunState state, @Nullable List<Path> text, String typed) {
        List<String> line = new ArrayList<>(List.of("--resume=" + run));
        OptionSpec schedule = given.commandSpec().findOption("--schedule");
        boolean another = given.hasMatchedOption(schedule)
                && !schedule.getValue().toString().equals(state.options().get("schedule"));
        for (OptionSpec option : given.commandSpec().options()) {
            String name = option.longestName().substring(2);
            TrainOption of = OptionSection.declared(option);
            Resumed resumed = of == null ? Resumed.FREE : of.resumed();
            boolean asked = given.hasMatchedOption(option);
            UsageException.when(asked && resumed == Resumed.BEGINNING, "--%s does not go with --resume; leave it out",
                    name);
            if (resumed == Resumed.RUN || resumed == Resumed.BEGINNING) {
                continue;
            }
            String begun = nameIn(state.options(), option);
            String before = state.options().get(begun);
            String now =
                    asked ? option.getValue().toString() : another && resumed == Resumed.OF_SCHEDULE ? null : before;
            boolean kept = resumed == Resumed.SAME || (resumed == Resumed.MOVED && before == null);
            UsageException.when(kept && state.options().containsKey(begun) && !Objects.equals(now, before),
                    "--%s%s, but %s was begun %s; leave it out%s", name, isFlag(option) ? "" : " is " + now, run,
                    before == null || isFlag(option) ? "without it" : "with " + before,
                    of != null && of.section() == TrainOption.Section.MODEL ? ""
                            : ", or begin another run from its weights with --init " + run);
            if (now != null && !asked && option.typeInfo().getType() == Path.class) {
                now = found(now, state.options());
            }
            if (now != null && (!isFlag(option) || now.equals("true"))) {
                line.add(option.longestName() + (isFlag(option) ? "" : "=" + now));
            }
        }
        List<String> learned = text == null ? kept(run, state.options()) : text.stream().map(Path::toString).toList();
        for (String each : text == null ? learned : List.<String>of()) {
            if (!Files.exists(Path.of(each))) {
                throw new CharlstmException("the text of " + run + " was "
                        + (Path.of(each).equals(TextInput.STANDARD_INPUT) ? "standard input; name it again, or a file "
                                + "that has the same: " + typed + " -"
                                : each + ", which is not there from here; name where it is: " + typed + " TEXT"));
            }
        }
        if (!learned.isEmpty()) {
            line.add("--");
            line.addAll(learned);
        }
        return line;
    }

    /** Whether an option says where a run begins; a resumed run cannot have such an option. */
    static boolean isOfBeginning(OptionSpec option) {
        TrainOption of = OptionSection.declared(option);
        return of != null && of.resumed() == Resumed.BEGINNING;
    }

    /** An option's name among a run's options; an earlier version may have had another name. */
    private static String nameIn(Map<String, @Nullable String> options, OptionSpec option) {
        return Stream.of(option.names()).map(name -> name.replaceFirst("^-+", "")).filter(options::containsKey)
                .findFirst().orElse(option.longestName().substring(2));
    }

    /** Stores the texts of a run among its options, and the folder to which these and other files' names refer. */
    static void keep(@Nullable List<Path> text, List<Path> others, Map<String, @Nullable String> options) {
        options.put(TEXT, text == null ? null : text.getFirst().toString());
        if (text != null && text.size() > 1) {
            options.put(MORE_TEXTS, Json.compact(Json.array(text.stream().skip(1).map(Path::toString).toList())));
        }
        Stream<Path> all = Stream.concat(text == null ? Stream.of() : text.stream(), others.stream());
        if (all.anyMatch(path -> !path.isAbsolute() && !path.equals(TextInput.STANDARD_INPUT))) {
            options.put(FOLDER, Path.of("").toAbsolutePath().toString());
        }
    }

    /** The path from here to the file that a name meant when the run began; if the file has moved, the name itself. */
    private static String found(String name, Map<String, @Nullable String> options) {
        String folder = options.get(FOLDER);
        Path file = Path.of(name);
        if (folder == null || file.equals(TextInput.STANDARD_INPUT)
                || Path.of(folder).equals(Path.of("").toAbsolutePath())) {
            return name;
        }
        Path there = Path.of(folder).resolve(file);
        return Files.exists(there) ? there.toString() : name;
    }

    private static List<String> kept(Path run, Map<String, @Nullable String> options) {
        List<String> kept = new ArrayList<>();
        Optional.ofNullable(options.get(TEXT)).ifPresent(kept::add);
        String more = options.get(MORE_TEXTS);
        if (more != null) {
            kept.addAll(UntrustedJson.read(run + " does not say which texts it learned", "name them, after the run",
                    () -> UntrustedJson.each(MORE_TEXTS, Json.value(more, MAX_TEXTS), UntrustedJson::argument)));
        }
        return kept.stream().map(each -> found(each, options)).toList();
    }

    private static boolean isFlag(OptionSpec option) {
        return option.arity().max() == 0;
    }
}
