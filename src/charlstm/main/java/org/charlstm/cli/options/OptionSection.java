package org.charlstm.cli.options;

import module java.base;
import org.charlstm.cli.options.TrainOption.Section;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * A section of options. A command with many options lists them in sections, so readers find the most needed ones.
 *
 * @param heading the section's subject; empty for a section without a heading
 * @param options the options in their order
 */
public record OptionSection(String heading, List<OptionSpec> options) {
    /** All options of a command; only those of {@code train} are in sections. */
    public static List<OptionSection> of(CommandSpec command) {
        if (!command.name().equals("train")) {
            return List.of(new OptionSection("", command.options()));
        }
        Map<Section, List<OptionSpec>> sections =
                command.options().stream().sorted(Comparator.comparingInt(OptionSection::place))
                        .collect(Collectors.groupingBy(OptionSection::section, () -> new EnumMap<>(Section.class),
                                Collectors.toList()));
        return sections.entrySet().stream().map(each -> new OptionSection(each.getKey().toString(), each.getValue()))
                .toList();
    }

    private static int place(OptionSpec option) {
        TrainOption of = declared(option);
        return of == null ? 0 : of.place();
    }

    private static Section section(OptionSpec option) {
        TrainOption of = declared(option);
        return of == null ? Section.OF_EVERY_COMMAND : of.section();
    }

    /** The annotation at an option's declaration; null for picocli's own options. */
    public static @Nullable TrainOption declared(OptionSpec option) {
        return option.userObject() instanceof Field field ? field.getAnnotation(TrainOption.class) : null;
    }

    /** Makes the help of a command show its sections. */
    public static void show(CommandLine command) {
        command.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST,
                help -> of(help.commandSpec()).stream().map(section -> section.title()
                        + help.optionListExcludingGroups(section.options)).collect(Collectors.joining()));
    }

    private String title() {
        return heading.isEmpty() ? "" : "\n" + heading + ":\n";
    }
}
