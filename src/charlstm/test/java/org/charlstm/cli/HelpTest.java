package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.options.OptionSection;
import org.charlstm.cli.options.TrainOption;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The pages of {@code --help}. */
class HelpTest {
    private static CommandLine commands() {
        return Main.commands(new Console(System.out, System.err, 0));
    }

    /** docs/cli.md names each option, as CommandPageTest requires. */
    @Test
    void everyCommandHasAPageOfItsOptions() {
        for (CommandLine command : commands().getSubcommands().values()) {
            List<String> lines = Tool.lines(command.getCommandName(), "--help");
            assertTrue(lines.getFirst().startsWith("Usage: charlstm " + command.getCommandName()), lines.getFirst());
            lines.forEach(line -> assertTrue(line.length() <= 80, line));
            for (OptionSpec option : command.getCommandSpec().options()) {
                assertTrue(lines.toString().contains(option.longestName()) && option.description().length > 0,
                        option.toString());
            }
        }
    }

    @Test
    void everyCommandThatComputesTakesADevicesOptions() {
        for (CommandLine command : commands().getSubcommands().values()) {
            Set<String> options = command.getCommandSpec().optionsMap().keySet();
            assertTrue(!options.contains("--device") || options.containsAll(List.of("--threads", "--rnn-engine",
                    "--rnn-algo", "--precision", "--no-graph")), command.getCommandName());
        }
    }

    @Test
    void helpPrintsThePageOfACommand() {
        for (String command : Commands.NAMES) {
            assertEquals(Tool.output(command, "--help"), Tool.output("help", command));
        }
        assertEquals(Tool.output("--help"), Tool.output("help"));
        assertEquals(Tool.output("bench", "compare", "--help"), Tool.output("help", "bench", "compare"));
    }

    /** The options that most need come first, each once and none without a section. */
    @Test
    void trainingsOptionsStandInSections() {
        List<String> lines = Tool.output("train", "--help").lines().toList();
        assertEquals("Usage: charlstm train [OPTIONS] [TEXT...]", lines.getFirst());
        int most = lines.indexOf("Most used:");
        assertTrue(most > 0 && most < 8, lines.toString());
        List<String> names = lines.stream().filter(line -> line.matches("  (?:-., |    )--.*"))
                .map(line -> line.strip().replaceFirst("^(-.|--[a-z]+), ", "").replaceFirst("[ =].*", "")).toList();
        assertEquals(List.of("--epochs", "--device", "--out", "--validation-split", "--resume"), names.subList(0, 5));
        CommandLine train = commands().getSubcommands().get("train");
        assertEquals(train.getCommandSpec().options().stream().map(OptionSpec::longestName).sorted().toList(),
                names.stream().sorted().toList());
        assertEquals(List.of("--help", "--verbose", "--version"),
                OptionSection.of(train.getCommandSpec()).getLast().options().stream().map(OptionSpec::longestName)
                        .sorted().toList());
    }

    @Test
    void everyOptionOfTrainSaysItsSectionAndWhetherAResumedRunMayHaveAnother() {
        for (OptionSpec option : commands().getSubcommands().get("train").getCommandSpec().options()) {
            assertTrue(option.usageHelp() || option.versionHelp() || OptionSection.declared(option) != null,
                    option.longestName() + " has no @TrainOption");
        }
    }

    @Test
    void thePageOnTrainingNamesWhatAResumedRunMayHaveAnew() throws IOException {
        Matcher paragraph = Pattern.compile("^These options may be given anew: (.*?)Any other", Pattern.MULTILINE
                | Pattern.DOTALL).matcher(Files.readString(Path.of("docs", "training.md")));
        assertTrue(paragraph.find());
        assertEquals(commands().getSubcommands().get("train").getCommandSpec().options().stream()
                .filter(option -> !option.inherited() && Optional.ofNullable(OptionSection.declared(option))
                        .filter(of -> of.resumed() == TrainOption.Resumed.FREE).isPresent())
                .map(OptionSpec::longestName).sorted().toList(),
                Pattern.compile("--[a-z-]+").matcher(paragraph.group(1)).results().map(MatchResult::group).sorted()
                        .toList());
    }

    @Test
    void thePageOfTheToolNamesEveryCommand() {
        String page = Tool.output("--help");
        for (String command : commands().getSubcommands().keySet()) {
            assertTrue(page.lines().anyMatch(line -> line.startsWith("  " + command + " ")), command);
        }
    }

    /** A command line that begins with a command sets up no other; an option before it sets up all. */
    @Test
    void aCommandIsTheSameByItselfAndAmongAll() {
        for (String command : Commands.NAMES) {
            assertEquals(Tool.output("--verbose", command, "--help"), Tool.output(command, "--help"));
        }
    }

    @Test
    void theVersionIsOneLine() {
        assertTrue(Tool.output("--version").matches("charlstm \\S+\\R"));
        assertEquals(Tool.output("--version"), Tool.output("train", "--version"));
    }

    /** picocli sets them, so that the compiler cannot tell which it leaves null. */
    @Test
    void optionsThatMayBeLeftOutAreNullable() {
        arguments(commands())
                .filter(argument -> argument.userObject() instanceof Field field && !field.getType().isPrimitive())
                .forEach(argument -> {
                    Field field = (Field) argument.userObject();
                    boolean leftOut = !argument.required() && argument.defaultValue() == null;
                    assertEquals(leftOut, field.getAnnotatedType().isAnnotationPresent(Nullable.class), field + "");
                });
    }

    private static Stream<ArgSpec> arguments(CommandLine command) {
        return Stream.concat(command.getCommandSpec().args().stream(),
                command.getSubcommands().values().stream().flatMap(HelpTest::arguments));
    }
}
