package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tool as a module; all other tests run it from the class path. */
class ModulePathTest {
    @TempDir
    Path folder;

    @Test
    void theToolAndTheProcessesThatItStartsRunAsModules() throws Exception {
        assertEquals(0, run("bench", "--devices", "cpu", "--threads", "1", "--hidden", "3", "--dense", "0",
                "--batch-sizes", "4", "--max-samples", "8", "--epochs", "1", "--warm-up", "0", "--repeat", "1",
                "--out", folder.resolve("grid").toString()), this::errors);
        String results = Files.readString(folder.resolve("grid").resolve("results.json"));
        assertTrue(results.contains("\"status\": \"measured\""), results);
    }

    private int run(String... arguments) throws Exception {
        String modules = Path.of("target", "classes").toAbsolutePath() + File.pathSeparator
                + Path.of("target", "lib").toAbsolutePath();
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "--enable-native-access=org.charlstm", "--add-modules", "info.picocli",
                "-p", modules, "-m", "org.charlstm/" + Main.class.getName()));
        line.addAll(List.of(arguments));
        return new ProcessBuilder(line).redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile()).start().waitFor();
    }

    private String errors() {
        try {
            return Files.readString(folder.resolve("err"));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
