package org.charlstm.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Runs the tests' own Python programs, where there is a Python that has what they need. */
public final class Python {
    /** First Debian's own, whose packages these are. */
    private static final List<String> INTERPRETERS = List.of("/usr/bin/python3", "python3");

    /** To import PyTorch takes seconds. */
    private static final Map<String, String> WITH = new ConcurrentHashMap<>();

    private Python() {
    }

    /** What a program prints; without its module the calling test is skipped and says so. */
    public static String output(String module, String program, Object... arguments)
            throws IOException, InterruptedException {
        String python = WITH.computeIfAbsent(module, Python::having);
        assumeTrue(!python.isEmpty(), "no python3 has " + module + ": install python3-" + module
                + ", or let PYTHONPATH name it");
        Process process = new ProcessBuilder(Stream.concat(
                Stream.of(python, Path.of("src", "test", "python", program).toString()),
                Arrays.stream(arguments).map(Object::toString)).toList())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), program);
        return output;
    }

    /** Empty if there is none. */
    private static String having(String module) {
        return INTERPRETERS.stream().filter(candidate -> succeeds(candidate, "-c", "import " + module)).findFirst()
                .orElse("");
    }

    private static boolean succeeds(String... command) {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
