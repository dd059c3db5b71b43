package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.base.Setting;
import org.charlstm.cli.console.Console;
import org.charlstm.cuda.binding.StatusTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** A failure of the library names settings, not options; the command line adds those of its options that set them. */
class OptionsInMessagesTest {
    /** Of the tool: what these say is for whoever sits at its command line. */
    private static final Set<String> TOOL = Set.of("cli", "bench", "report");
    private static final Pattern OPTION = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*?(--[a-z][a-z0-9-]*)");

    private static final Path ROOT = Path.of("src", "charlstm", "main", "java", "org", "charlstm");
    /** A string without what is escaped in it. */
    private static final Pattern STRING = Pattern.compile("\"(?:[^\"\\\\\n]|\\\\.)*\"");
    /** An option, and the command whose it is said to be. */
    private static final Pattern NAMED = Pattern.compile("(--[a-z][a-z0-9-]*)(?: of ([a-z]+))?");
    /** A command line that is shown. */
    private static final Pattern SHOWN = Pattern.compile("\\.command\\(\"([a-z]+)\"([^;]*)");
    /** They name options of Java and of git. */
    private static final Set<String> NO_MESSAGES = Set.of("Console", "Build");
    /** doctor's advice is for all commands that compute. */
    private static final Set<String> OF_OTHERS = Set.of("DoctorCommand --device", "FormatOptions --predict");
    /** To make them takes a while. */
    private static final Map<String, CommandLine> COMMANDS =
            Main.commands(new Console(System.out, System.err, 0)).getSubcommands();

    @TempDir
    Path folder;

    private static Set<String> options() {
        Set<String> options = new HashSet<>();
        for (CommandLine command : COMMANDS.values()) {
            options.addAll(command.getCommandSpec().optionsMap().keySet());
        }
        assertTrue(options.contains("--batch-size"), options::toString);
        return options;
    }

    private static List<Path> sources(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    private static List<Path> library() throws IOException {
        return sources(ROOT).stream().filter(file -> !TOOL.contains(ROOT.relativize(file).getName(0).toString()))
                .toList();
    }

    @Test
    void theLibraryNamesNone() throws IOException {
        Set<String> options = options();
        List<String> wrong = new ArrayList<>();
        for (Path file : library()) {
            String code = Files.readString(file);
            code.lines().filter(line -> !line.strip().startsWith("*") && !line.strip().startsWith("/*"))
                    .flatMap(line -> OPTION.matcher(line).results()).map(found -> found.group(1))
                    .filter(options::contains).forEach(option -> wrong.add(file + " has " + option));
        }
        assertEquals(List.of(), wrong);
    }

    @ParameterizedTest
    @EnumSource
    void everySettingHasAnOption(Setting setting) {
        assertTrue(options().contains(Failures.option(setting)),
                () -> "no option is called " + Failures.option(setting));
    }

    /** The commands that a class is of, or has options of; all, if it is of none. */
    private static List<CommandLine> commandsOf(String type) {
        List<CommandLine> all = COMMANDS.values().stream().flatMap(command -> Stream.concat(Stream.of(command),
                command.getSubcommands().values().stream())).toList();
        List<CommandLine> those = all.stream().filter(command -> command.getCommandSpec().userObject().getClass()
                .getSimpleName().equals(type)
                || command.getCommandSpec().options().stream()
                        .filter(option -> !option.inherited()).map(option -> (Field) option.userObject())
                        .anyMatch(field -> field.getDeclaringClass().getSimpleName().equals(type)))
                .toList();
        return those.isEmpty() ? all : those;
    }

    /** A command's messages advise only options that it has. */
    private static String told(StatusTable table, int status) {
        return told(table, "someCall", status);
    }

    private static String told(StatusTable table, String call, int status) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        CommandLine commands = Main.commands(new Console(stream, stream, 0));
        commands.<Main>getCommand().failures.failed(table.failure(call, status, "", ""),
                commands.getSubcommands().get("train"));
        return err.toString(StandardCharsets.UTF_8).strip();
    }

    /** A wrong call or kernel is charlstm's own there, and memory is a matter of options. */
    @Test
    void theToolWordsWhatTheLibraryCannotKnow() {
        assertEquals("charlstm: someCall failed with status 1 (CUDA_ERROR_INVALID_VALUE); check what was given to this "
                + "call: its sizes, and that each address and handle is of this GPU and open; this is a bug in "
                + "charlstm or in what it calls: please report it", told(StatusTable.DRIVER, 1));
        assertEquals("charlstm: someCall failed with status 2 (CUDA_ERROR_OUT_OF_MEMORY); free what is not needed, or "
                + "take less at a time (--batch-size, --hidden)", told(StatusTable.DRIVER, 2));
        assertEquals(
                "charlstm: someCall failed with status 999 (CUDA_ERROR_UNKNOWN); check nvidia-smi and the system's "
                        + "log",
                told(StatusTable.DRIVER, 999));
        assertEquals("charlstm: cudnnRNNForward failed with status 3007 (see cudnnStatus_t); this cuDNN does not do "
                + "this for this shape or GPU; try another algorithm (--rnn-algo)",
                told(StatusTable.CUDNN, "cudnnRNNForward", 3007));
    }

    @Test
    void aCommandNamesOptionsThatItHas() throws IOException {
        List<String> wrong = new ArrayList<>();
        int named = 0;
        for (Path file : Stream.concat(sources(ROOT.resolve("cli")).stream(), sources(ROOT.resolve("bench")).stream())
                .toList()) {
            String type = file.getFileName().toString().replace(".java", "");
            boolean bench = file.startsWith(ROOT.resolve("bench"));
            List<CommandLine> commands = bench ? List.of(COMMANDS.get("bench"),
                    COMMANDS.get("bench").getSubcommands().get("compare")) : commandsOf(type);
            boolean any = bench || commands.size() == commandsOf("").size();
            String code = Files.readString(file);
            for (MatchResult shown : SHOWN.matcher(code).results().toList()) {
                CommandLine command = COMMANDS.get(shown.group(1));
                NAMED.matcher(shown.group(2)).results().map(option -> option.group(1))
                        .filter(option -> !command.getCommandSpec().optionsMap().containsKey(option))
                        .forEach(option -> wrong.add(type + " shows " + shown.group(1) + " " + option));
            }
            String strings = STRING.matcher(SHOWN.matcher(code).replaceAll("")).results().map(MatchResult::group)
                    .collect(Collectors.joining("\n"));
            for (MatchResult option : NAMED.matcher(NO_MESSAGES.contains(type) ? "" : strings).results().toList()) {
                named++;
                List<CommandLine> its = COMMANDS.containsKey(String.valueOf(option.group(2)))
                        ? List.of(COMMANDS.get(option.group(2))) : commands;
                Predicate<CommandLine> has = command -> command.getCommandSpec().optionsMap()
                        .containsKey(option.group(1));
                if (!(any ? its.stream().anyMatch(has) : its.stream().allMatch(has))
                        && !OF_OTHERS.contains(type + " " + option.group(1))) {
                    wrong.add(type + " has " + option.group(1));
                }
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(named > 100, named + " options");
    }
}
