package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** docs/command-line.md and the commands as they are. */
class DocumentationTest {
    private static final List<String> EVERYWHERE = List.of("--help", "--version");

    @Test
    void everyCommandAndOptionIsDocumentedAndNoOther() throws IOException {
        String page = Files.readString(Path.of("docs", "command-line.md"));
        List<String> known = new ArrayList<>(EVERYWHERE);
        for (CommandLine command : Main.commands(new Console(System.out, System.err, 0)).getSubcommands().values()) {
            assertTrue(page.contains("`" + command.getCommandName()), command.getCommandName() + " is not documented");
            command.getCommandSpec().options().forEach(option -> known.add(option.longestName()));
        }
        for (String option : known) {
            assertTrue(option.equals("--version") || page.contains("`" + option), option + " is not documented");
        }
        Matcher named = Pattern.compile("`(--?[a-z][a-z-]*)").matcher(page);
        while (named.find()) {
            assertTrue(known.contains(named.group(1)), named.group(1) + " is documented but does not exist");
        }
    }
}
