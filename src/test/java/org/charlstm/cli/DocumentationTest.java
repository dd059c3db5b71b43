package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What pages tell readers to type, against the commands as they are. */
class DocumentationTest {
    /** Options of Java itself. */
    private static final Set<String> OF_JAVA = Set.of("--add-modules", "--enable-native-access");
    private static final Pattern OPTION = Pattern.compile("`(--[a-z][a-z0-9-]*)");
    private static final Pattern LINE = Pattern.compile("(?m)^(?: {4}|\\$ )\\./charlstm\\b([^#|>\\n]*)");

    private static final Pattern FILE = Pattern.compile("`([a-z]+/[A-Za-z_/]+\\.(?:java|cu|sh|txt))\\b");
    private static final Path SOURCES = Path.of("src", "main", "java", "org", "charlstm");
    private static final Pattern WORD = Pattern.compile("\"[^\"]*\"|\\S+");

    static Stream<Path> pages() throws IOException {
        List<Path> pages;
        try (Stream<Path> files = Files.list(Path.of("docs"))) {
            pages = Stream.concat(Stream.of("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "ARCHITECTURE.md")
                    .map(Path::of), files.filter(file -> file.toString().endsWith(".md"))).toList();
        }
        assertTrue(pages.size() >= 11, pages.toString());
        return pages.stream();
    }

    private static CommandLine commands() {
        return Main.commands(new Console(System.out, System.err, 0));
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
            assertTrue(Stream.of(Path.of(""), SOURCES, SOURCES.resolve("device/gpu"))
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
}
