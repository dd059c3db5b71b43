package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A failure of the library names settings, not options; the command line adds those of its options that set them. */
class OptionsInMessagesTest {
    /** Of the tool: what these say is for whoever sits at its command line. */
    private static final Set<String> TOOL = Set.of("cli", "bench", "report");
    private static final Pattern OPTION = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*?(--[a-z][a-z-]*)");

    @TempDir
    Path folder;

    private static Set<String> options() {
        Set<String> options = new HashSet<>();
        for (CommandLine command : Main.commands(new Console(System.out, System.err, 0)).getSubcommands().values()) {
            options.addAll(command.getCommandSpec().optionsMap().keySet());
        }
        assertTrue(options.contains("--batch-size"), options::toString);
        return options;
    }

    private static List<Path> library() throws IOException {
        Path root = Path.of("src", "main", "java", "org", "charlstm");
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java")
                    && !TOOL.contains(root.relativize(file).getName(0).toString())).toList();
        }
    }

    @Test
    void theLibraryNamesNoneButSettingsThatAreSome() throws IOException {
        Set<String> options = options();
        List<String> wrong = new ArrayList<>();
        Set<String> settings = new HashSet<>();
        for (Path file : library()) {
            String code = Files.readString(file);
            code.lines().filter(line -> !line.strip().startsWith("*") && !line.strip().startsWith("/*"))
                    .flatMap(line -> OPTION.matcher(line).results()).map(found -> found.group(1))
                    .filter(options::contains).forEach(option -> wrong.add(file + " has " + option));
            Matcher mended = Pattern.compile("mendedBy\\((\"[^)]*)\\)").matcher(code);
            while (mended.find()) {
                Pattern.compile("[a-z-]+").matcher(mended.group(1)).results().map(MatchResult::group)
                        .forEach(settings::add);
            }
        }
        assertEquals(List.of(), wrong);
        settings.forEach(name -> assertTrue(options.contains("--" + name), "no option is called --" + name));
        assertTrue(settings.size() > 5, settings::toString);
    }

    @Test
    void theCommandLineAddsThoseThatTheCommandHas() {
        Path text = Tiny.text(folder);
        Path run = folder.resolve("run");
        Path model = Tiny.train(text, run);
        String longer =
                Refusal.of(Main.FAILED, folder, "sample", run, "--prime", Tiny.CAPTIONS.getFirst(), "--max-length", 2);
        assertTrue(longer.endsWith("; allow more (--max-length)"), longer);
        String there = Refusal.of(Main.FAILED, folder, Tiny.training(text, run));
        assertTrue(there.endsWith(" or overwrite it (--out, --resume, --force)"), there);
        String stateless = Refusal.of(Main.FAILED, folder, "train", "--resume", model);
        assertTrue(stateless.endsWith(" weights alone (--init)"), stateless);
    }
}
