package org.charlstm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The README and the pages beside it: the program that it shows, and links that lead somewhere. */
class ReadmeTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/lab.md", "docs/cli.md", "docs/reference.md",
            "docs/keras.md", "docs/bench.md", "docs/cuda-binding.md", "docs/gpu.md",
            "native/README.md", "kernels/README.md", "bench/README.md"})
    void linksLeadSomewhereAndNothingIsLeftBlank(String name) throws IOException {
        Path page = Path.of(name);
        String text = Files.readString(page);
        assertFalse(Pattern.compile("@[A-Z]+@").matcher(text).find(), name + " has a blank that nobody filled in");
        Matcher link = Pattern.compile("]\\((?!https?:)([^)#]+)").matcher(text);
        while (link.find()) {
            assertTrue(Files.exists(page.resolveSibling(link.group(1))), name + " links to " + link.group(1));
        }
    }

    @Test
    void theProgramCompilesLearnsAndWrites() throws IOException, InterruptedException {
        Matcher program = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("README.md")));
        assertTrue(program.find(), "the README shows no Java program");
        Path source = folder.resolve("Example.java");
        Files.writeString(source, program.group(1));
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector", "-cp", System.getProperty("java.class.path"),
                source.toString()).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        int code = process.waitFor();
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertEquals(0, code, text);
        String[] lines = text.lines().filter(line -> !line.startsWith("WARNING:")).toArray(String[]::new);
        assertEquals(3, lines.length, text);
        for (String line : lines) {
            assertTrue(line.matches("[a-z ]+"), line);
        }
    }
}
