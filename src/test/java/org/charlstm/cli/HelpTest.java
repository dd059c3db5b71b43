package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The pages of {@code --help}. */
class HelpTest {
    private static final List<String> DEVICE_OPTIONS = List.of("--threads", "--lstm", "--rnn-algo", "--precision",
            "--no-graph");
    /** Named here one by one, so that an option that goes missing is missed. */
    private static final Map<String, List<String>> OPTIONS = new TreeMap<>(Map.ofEntries(
            Map.entry("train", List.of("TEXT", "--epochs", "--batch-size", "--hidden", "--dense", "--learning-rate",
                    "--seed", "--no-shuffle", "--max-samples", "--max-caption", "--validation",
                    "--validation-split", "--unknown", "--sample-every", "--sample-count", "--tensorboard", "--png",
                    "--window",
                    "--recurrent-activation", "--epsilon", "--init", "--out", "--force", "--device")),
            Map.entry("bench", List.of("TEXT", "--devices", "--batch-sizes", "--hidden", "--layers", "--dense",
                    "--precision", "--threads", "--recurrent-activation", "--window", "--epochs", "--repeat",
                    "--warm-up", "--max-samples", "--max-caption", "--lstm", "--rnn-algo",
                    "--no-graph", "--cuda-binding", "--part", "--out", "--force", "compare", "merge")),
            Map.entry("report", List.of("RUN", "--png")),
            Map.entry("serve", List.of("RUN|MODEL|FOLDER", "--port", "--listen", "--token", "--allow-stop",
                    "--device")),
            Map.entry("sample",
                    List.of("MODEL", "--count", "--temperature", "--prime", "--unknown", "--seed", "--max-length",
                            "--keep-state", "--past-end", "--window", "--time", "--json", "--device")),
            Map.entry("top", List.of("MODEL", "-k", "--prefix", "--json", "--device")),
            Map.entry("verify",
                    List.of("MODEL", "TEXT", "--format", "--caption", "--max-samples", "--max-caption", "--json",
                            "--device")),
            Map.entry("eval",
                    List.of("MODEL", "TEXT", "--format", "--stride", "--unknown", "--last-step", "--max-samples",
                            "--max-caption",
                            "--json",
                            "--device")),
            Map.entry("encode", List.of("TEXT", "--caption", "--max-samples", "--max-caption", "--json")),
            Map.entry("help", List.of("COMMAND")),
            Map.entry("captions", List.of("--count", "--seed", "--features", "--columns")),
            Map.entry("doctor", List.of("--json")),
            Map.entry("import", List.of("FILE", "--alphabet", "--text", "--order", "--recurrent-activation",
                    "--steps", "--output")),
            Map.entry("show", List.of("MODEL", "--best", "--last", "--json")),
            Map.entry("export", List.of("MODEL", "--format", "--output")),
            Map.entry("selftest", List.of("--json", "--device", "--threads", "--lstm", "--rnn-algo"))));

    @Test
    void everyCommandNamesItsOptions() {
        OPTIONS.forEach((command, options) -> {
            String page = Tool.output(command, "--help");
            assertTrue(page.startsWith("Usage: charlstm " + command), page);
            options.forEach(option -> assertTrue(page.contains(option), option + " is not in " + page));
            page.lines().forEach(line -> assertTrue(line.length() <= 80, line));
        });
    }

    @Test
    void everyCommandThatComputesTakesADevicesOptions() {
        OPTIONS.forEach((command, options) -> {
            if (options.contains("--device")) {
                String page = Tool.output(command, "--help");
                DEVICE_OPTIONS.forEach(option -> assertTrue(page.contains(option), option + " is not in " + page));
            }
        });
    }

    @Test
    void helpPrintsThePageOfACommand() {
        for (String command : Subcommand.NAMES) {
            assertEquals(Tool.output(command, "--help"), Tool.output("help", command));
        }
        assertEquals(Tool.output("--help"), Tool.output("help"));
        assertEquals(Tool.output("bench", "compare", "--help"), Tool.output("help", "bench", "compare"));
        for (String[] line : new String[][] {{"tain", "unknown command 'tain'; did you mean train? charlstm"},
            {"train tain", "unexpected argument 'tain'; charlstm train"},
            {"bench compar", "unexpected argument 'compar'; did you mean compare? charlstm bench"}}) {
            Tool tool = Tool.run((Object[]) ("help " + line[0]).split(" "));
            assertEquals(Main.USAGE, tool.code());
            assertEquals("charlstm: " + line[1] + " --help lists what there is\n", tool.err());
        }
    }

    /** What most need comes first, each option once and none without a section. */
    @Test
    void trainingsOptionsStandInSections() {
        List<String> lines = Tool.output("train", "--help").lines().toList();
        assertEquals("Usage: charlstm train [OPTIONS] [TEXT...]", lines.getFirst());
        int most = lines.indexOf("Most used:");
        assertTrue(most > 0 && most < 8, lines.toString());
        List<String> names = lines.stream().filter(line -> line.matches("  (?:-., |    )--.*"))
                .map(line -> line.strip().replaceFirst("^(-.|--[a-z]+), ", "").replaceFirst("[ =].*", "")).toList();
        assertEquals(List.of("--epochs", "--device", "--out", "--validation-split", "--resume"), names.subList(0, 5));
        CommandLine train = Main.commands(new Console(System.out, System.err, 0)).getSubcommands().get("train");
        assertEquals(train.getCommandSpec().options().stream().map(OptionSpec::longestName).sorted().toList(),
                names.stream().sorted().toList());
        assertEquals(List.of("--help", "--verbose", "--version"),
                OptionSection.of(train.getCommandSpec()).getLast().options().stream().map(OptionSpec::longestName)
                        .sorted().toList());
    }

    @Test
    void everyOptionIsDescribed() {
        for (CommandLine command : Main.commands(new Console(System.out, System.err, 0)).getSubcommands().values()) {
            String page = Tool.output(command.getCommandName(), "--help");
            for (OptionSpec option : command.getCommandSpec().options()) {
                assertTrue(page.contains(option.longestName()) && option.description().length > 0, option.toString());
            }
        }
    }

    @Test
    void thePageOfTheToolNamesEveryCommand() {
        String page = Tool.output("--help");
        for (String command : Main.commands(new Console(System.out, System.err, 0)).getSubcommands().keySet()) {
            assertTrue(page.lines().anyMatch(line -> line.startsWith("  " + command + " ")), command);
        }
        OPTIONS.keySet().forEach(command -> assertTrue(page.contains(command), command));
    }

    /** A command line that begins with a command sets up no other; an option before it sets up all. */
    @Test
    void aCommandIsTheSameByItselfAndAmongAll() {
        for (String command : Subcommand.NAMES) {
            assertEquals(Tool.output("--verbose", command, "--help"), Tool.output(command, "--help"));
        }
        assertEquals("charlstm: unexpected argument 'sample'; charlstm captions --help lists what there is",
                Tool.run("captions", "sample").err().strip());
    }

    @Test
    void theVersionIsOneLine() {
        assertTrue(Tool.output("--version").matches("charlstm \\S+\\R"));
    }
}
