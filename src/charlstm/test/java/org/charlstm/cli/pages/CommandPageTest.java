package org.charlstm.cli.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import module java.base;
import org.charlstm.cli.Main;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.options.DeviceOption;
import org.charlstm.cli.options.OptionSection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;

/**
 * Pages against the commands as they are: what they tell readers to type, and docs/cli.md, which has each command and
 * option; {@code mvn test -Dtest=CommandPageTest -Dcommand.page=write} writes that one.
 */
class CommandPageTest {
    /** Options of Java itself. */
    private static final Set<String> OF_JAVA = Set.of("--add-modules", "--enable-native-access");
    private static final Pattern OPTION = Pattern.compile("`(--[a-z][a-z0-9-]*)");
    private static final Pattern LINE = Pattern.compile("(?m)^(?: {4}|\\$ )\\./charlstm\\b([^#|>\\n]*)");
    private static final Pattern FILE = Pattern.compile("`([a-z]+/[A-Za-z_/]+\\.(?:java|cu|sh|txt))\\b");
    private static final Pattern WORD = Pattern.compile("\"[^\"]*\"|\\S+");
    private static final Path PAGE = Path.of("docs", "cli.md");
    private static final String WRITE = "mvn test -Dtest=CommandPageTest -Dcommand.page=write";
    private static final String MARK = WRITE + " -->\n";
    private static final Pattern DEFAULT = Pattern.compile("(?:(.*?) )?Default: (.*)\\.");

    private static final String HEAD = "| | default | meaning |\n|---|---|---|\n";

    @Test
    void thePageIsWhatTheCommandsAre() throws IOException {
        String page = Files.readString(PAGE);
        int from = page.indexOf(MARK) + MARK.length();
        String made = sections();
        if (System.getProperty("command.page", "").equals("write")) {
            Files.writeString(PAGE, page.substring(0, from) + made);
        } else {
            assertEquals(made, page.substring(from), PAGE + " is not as the commands are; make it anew: " + WRITE);
        }
    }

    /** A section for each command, one below a command after it, then the options that many of them share. */
    private static String sections() {
        CommandSpec device = CommandSpec.forAnnotatedObject(new DeviceOption());
        return sections(Main.commands(new Console(System.out, System.err, 0)))
                + "\n## The options of a device\n\n" + HEAD
                + device.options().stream().map(CommandPageTest::row).collect(Collectors.joining());
    }

    private static boolean isOfDevice(OptionSpec option) {
        Class<?> owner = ((Field) option.userObject()).getDeclaringClass();
        return List.of(DeviceOption.class, DeviceOption.Gpu.class, DeviceOption.BindingOption.class).contains(owner);
    }

    private static String sections(CommandLine parent) {
        return parent.getSubcommands().values().stream()
                .map(command -> section(command.getCommandSpec()) + sections(command)).collect(Collectors.joining());
    }

    private static String section(CommandSpec command) {
        List<OptionSpec> options = command.options().stream()
                .filter(option -> !option.inherited() && !option.usageHelp() && !option.versionHelp()).toList();
        String operands = command.positionalParameters().stream()
                .map(each -> each.arity().min() == 0 ? " [" + each.paramLabel() + "]" : " " + each.paramLabel())
                .collect(Collectors.joining());
        String needed = options.stream().filter(OptionSpec::required)
                .map(option -> " " + option.shortestName() + " " + option.paramLabel()).collect(Collectors.joining());
        StringBuilder page = new StringBuilder();
        page.append("\n## ").append(command.qualifiedName().replaceFirst("^charlstm ", "")).append("\n\n    ")
                .append(command.qualifiedName()).append(operands).append(needed)
                .append(options.stream().allMatch(OptionSpec::required) ? "" : " [OPTION]...").append("\n\n")
                .append(String.join(" ", command.usageMessage().description())).append('\n');
        boolean computes = options.stream().anyMatch(option -> option.longestName().equals("--device"));
        List<String> rows = Stream.concat(command.positionalParameters().stream().map(CommandPageTest::row),
                OptionSection.of(command).stream().flatMap(section -> rows(section, options.stream()
                        .filter(option -> !(computes && isOfDevice(option))).toList())))
                .toList();
        if (!rows.isEmpty()) {
            page.append('\n').append(HEAD).append(String.join("", rows));
        }
        if (computes) {
            page.append("\nBesides, [the options of a device](#the-options-of-a-device).\n");
        }
        return page.toString();
    }

    /** Those of a section's options that are shown, below its heading. */
    private static Stream<String> rows(OptionSection section, List<OptionSpec> shown) {
        List<OptionSpec> options = section.options().stream().filter(shown::contains).toList();
        return Stream.concat(options.isEmpty() || section.heading().isEmpty() ? Stream.of()
                : Stream.of(row("**" + section.heading() + "**", "", "")), options.stream().map(CommandPageTest::row));
    }

    private static String row(PositionalParamSpec parameter) {
        return row(parameter.paramLabel(), parameter);
    }

    private static String row(OptionSpec option) {
        return row(Stream.of(option.names()).map(name -> name.equals(option.longestName())
                && !option.paramLabel().isEmpty() && option.arity().max() > 0 ? name + " " + option.paramLabel() : name)
                .map(name -> "`" + name + "`").collect(Collectors.joining(", ")), option);
    }

    private static String row(String name, ArgSpec argument) {
        String text = String.join(" ", argument.description());
        Matcher split = DEFAULT.matcher(text);
        return split.matches() ? row(name, split.group(2), split.group(1) == null ? "" : split.group(1))
                : row(name, argument.required() ? "needed" : "", text);
    }

    private static String row(String... cells) {
        return "| " + Stream.of(cells).map(cell -> cell.replace("|", "\\|").replace("<", "\\<"))
                .collect(Collectors.joining(" | ")) + " |\n";
    }

    static Stream<Path> pages() throws IOException {
        List<Path> pages;
        try (Stream<Path> files = Files.list(Path.of("docs"))) {
            pages = Stream.concat(Stream.of("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "ARCHITECTURE.md")
                    .map(Path::of), files.filter(file -> file.toString().endsWith(".md"))).toList();
        }
        assertTrue(pages.size() >= 11, pages.toString());
        return pages.stream();
    }

    private static Set<String> options(CommandLine command, Set<String> found) {
        command.getCommandSpec().options().forEach(option -> found.addAll(List.of(option.names())));
        command.getSubcommands().values().forEach(each -> options(each, found));
        return found;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyOptionThatAPageNamesExists(Path page) throws IOException {
        Set<String> known = options(commands(), new TreeSet<>());
        Matcher named = OPTION.matcher(Files.readString(page));
        while (named.find()) {
            // Those of bench/gpu.sh are tried by its own test.
            assertTrue(known.contains(named.group(1)) || OF_JAVA.contains(named.group(1)) || page.endsWith("gpu.md"),
                    named.group(1) + " is documented but does not exist");
        }
    }

    @Test
    void everyFileThatTheArchitectureNamesExists() throws IOException {
        Matcher named = FILE.matcher(Files.readString(Path.of("ARCHITECTURE.md")));
        int files = 0;
        for (; named.find(); files++) {
            Path file = Path.of(named.group(1));
            assertTrue(Stream.concat(Stream.of(Path.of("")), Stream.of("cuda", "kernels", "charlstm")
                    .map(module -> Path.of("src", module, "main", "java", "org", "charlstm")))
                    .anyMatch(root -> Files.exists(root.resolve(file))), file + " does not exist");
        }
        assertTrue(files >= 50, files + " files are named");
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyCommandThatAPageShowsIsUnderstood(Path page) throws IOException {
        Matcher line = LINE.matcher(Files.readString(page));
        while (line.find()) {
            String[] words = WORD.matcher(line.group(1)).results().map(word -> word.group().replace("\"", ""))
                    .toArray(String[]::new);
            try {
                assertEquals(0, commands().parseArgs(words).unmatched().size());
            } catch (ParameterException e) {
                fail(line.group() + ": " + e.getMessage());
            }
        }
    }

    @Test
    void thePageNamesEveryCommandThatTakesJson() throws IOException {
        Matcher sentence =
                Pattern.compile("((?:`[a-z ]+`(?:,| and)?\\s+)+)take `--json`").matcher(Files.readString(PAGE));
        assertTrue(sentence.find(), PAGE + " does not say which commands take --json");
        Set<String> named = Pattern.compile("`([a-z ]+)`").matcher(sentence.group(1)).results()
                .map(found -> found.group(1)).collect(Collectors.toCollection(TreeSet::new));
        Set<String> taking = all(commands()).filter(each -> each.getCommandSpec().findOption("--json") != null)
                .map(each -> each.getCommandSpec().qualifiedName().replaceFirst("^charlstm ", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(taking, named);
    }

    private static Stream<CommandLine> all(CommandLine parent) {
        return parent.getSubcommands().values().stream().flatMap(each -> Stream.concat(Stream.of(each), all(each)));
    }

    private static CommandLine commands() {
        return Main.commands(new Console(System.out, System.err, 0));
    }
}
