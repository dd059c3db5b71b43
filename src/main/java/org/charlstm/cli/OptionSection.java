package org.charlstm.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Options that stand together where a command has so many that somebody who reads them all would miss what most need.
 *
 * @param heading what they are about; empty for those without a heading
 * @param options in their order
 */
record OptionSection(String heading, List<OptionSpec> options) {
    /** The options that most need come first, the others by subject. */
    private static final List<Names> OF_TRAIN = List.of(
            new Names("Most used", "epochs", "device", "out", "validation-split", "resume", "sample-every"),
            new Names("The text", "encoding", "format", "window", "stride", "max-samples", "max-caption", "padding",
                    "lower-case",
                    "normalize", "alphabet", "min-count", "no-shuffle", "validation", "unknown", "test-split",
                    "condition",
                    "validation-condition"),
            new Names("The model", "hidden", "layers", "dense", "embedding", "tie-weights", "dropout", "batch-norm",
                    "recurrent-activation", "predict", "initializer", "recurrent-initializer", "forget-bias", "init"),
            new Names("Training", "batch-size", "accumulate", "optimizer", "momentum", "nesterov", "beta1", "beta2",
                    "epsilon", "weight-decay", "clip-norm", "clip-value", "seed"),
            new Names("The learning rate", "learning-rate", "schedule", "warm-up", "decay", "decay-every",
                    "decay-epochs", "min-rate", "decay-patience"),
            new Names("When to stop", "patience", "monitor"),
            new Names("Saving", "force", "checkpoint-every", "keep"),
            new Names("The device", "threads", "precision", "lstm", "rnn-algo", "no-graph", "no-overlap",
                    "cuda-binding"),
            new Names("Several processes", "rank-timeout"),
            new Names("The report", "sample-count", "tensorboard", "png"));

    private record Names(String heading, List<String> options) {
        Names(String heading, String... options) {
            this(heading, Stream.of(options).map(name -> "--" + name).toList());
        }
    }

    /** All options of a command, those of no section last. */
    static List<OptionSection> of(CommandSpec command) {
        List<OptionSpec> left = new ArrayList<>(command.options());
        List<OptionSection> sections = new ArrayList<>();
        for (Names names : command.name().equals("train") ? OF_TRAIN : List.<Names>of()) {
            List<OptionSpec> options = names.options.stream().map(command.optionsMap()::get).toList();
            left.removeAll(options);
            sections.add(new OptionSection(names.heading, options));
        }
        sections.add(new OptionSection(sections.isEmpty() ? "" : "Of every command", left));
        return sections;
    }

    /** Has the help of a command show its sections. */
    static void show(CommandLine command) {
        command.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST,
                help -> of(help.commandSpec()).stream().map(section -> section.title()
                        + help.optionListExcludingGroups(section.options)).collect(Collectors.joining()));
    }

    private String title() {
        return heading.isEmpty() ? "" : "\n" + heading + ":\n";
    }
}
