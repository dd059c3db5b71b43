package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Whether docs/cli.md has the commands and options that there are; with {@code -Dcommand.page=write} it gets them. */
class CommandPageTest {
    private static final Path PAGE = Path.of("docs", "cli.md");
    private static final String WRITE = "mvn test -Dtest=CommandPageTest -Dcommand.page=write";
    private static final String MARK = WRITE + " -->\n";

    @Test
    void thePageIsWhatTheCommandsAre() throws IOException {
        String page = Files.readString(PAGE);
        int from = page.indexOf(MARK) + MARK.length();
        String made = CommandPage.sections();
        if (System.getProperty("command.page", "").equals("write")) {
            Files.writeString(PAGE, page.substring(0, from) + made);
        } else {
            assertEquals(made, page.substring(from), PAGE + " is not as the commands are; make it anew: " + WRITE);
        }
    }
}
