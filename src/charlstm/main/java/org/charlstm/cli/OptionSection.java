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
    private static final String OF_TRAIN = """
            Most used: epochs device out validation-split resume sample-every
            The text: encoding format window stride max-samples max-caption padding lower-case normalize alphabet \
            min-count no-shuffle validation unknown test-split condition validation-condition
            The model: cell hidden layers dense embedding tie-weights dropout batch-norm recurrent-activation \
            reset-after predict initializer recurrent-initializer forget-bias init
            Training: batch-size accumulate optimizer momentum nesterov beta1 beta2 epsilon weight-decay clip-norm \
            clip-value seed
            The learning rate: learning-rate schedule warm-up decay decay-every decay-epochs min-rate decay-patience
            When to stop: patience monitor
            Saving: force checkpoint-every keep
            The device: threads precision lstm rnn-algo no-graph no-overlap cuda-binding
            Several processes: rank-timeout
            The report: sample-count tensorboard png
            """;

    /** All options of a command, those of no section last. */
    static List<OptionSection> of(CommandSpec command) {
        List<OptionSpec> left = new ArrayList<>(command.options());
        List<OptionSection> sections = new ArrayList<>();
        for (String section : command.name().equals("train") ? OF_TRAIN.lines().toList() : List.<String>of()) {
            String[] parts = section.split(": ", 2);
            List<OptionSpec> options = Stream.of(parts[1].split(" ")).map(name -> command.findOption("--" + name))
                    .toList();
            left.removeAll(options);
            sections.add(new OptionSection(parts[0], options));
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
