package org.charlstm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.machine.Bash;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code .ci/run} with stand-ins for its parts: it fails where one does, and the parts beside each other all count. */
@Needs({Need.BASH, Need.TAR})
@Tag("outside")
class CiRunTest {
    @TempDir
    private Path folder;

    private record Result(int code, List<String> lines) {
    }

    @BeforeEach
    void copy() throws IOException {
        for (String each : List.of(".ci", "bin", "target")) {
            Files.createDirectories(folder.resolve(each));
        }
        Files.copy(Path.of(".ci", "run"), folder.resolve(".ci/run"), StandardCopyOption.COPY_ATTRIBUTES);
        for (String each : List.of(".ci/account", ".ci/bare", ".ci/without", ".ci/programs", ".ci/nvidia",
                ".ci/clients",
                "bin/mvn", "bin/apt-get", "bin/sudo")) {
            Path file = folder.resolve(each);
            Files.writeString(file, """
                    #!%s
                    echo "%2$s $1"
                    [ "$FAILS" != %2$s ]
                    """.formatted(Bash.file(), each));
            assertTrue(file.toFile().setExecutable(true));
        }
    }

    private Result run(String fails) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(Bash.file().toString(), folder.resolve(".ci/run").toString())
                .redirectErrorStream(true);
        builder.environment().merge("PATH", folder.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
        builder.environment().put("FAILS", fails);
        Process process = builder.start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), printed.lines().filter(line -> line.startsWith(".ci/")).toList());
    }

    @Test
    void allPartsRun() throws IOException, InterruptedException {
        Result result = run("none");
        assertEquals(0, result.code, result::toString);
        // NVIDIA's libraries want room on the disk.
        List<String> lines =
                result.lines.stream().filter(line -> !line.startsWith(".ci/nvidia")).map(String::strip).toList();
        assertEquals(List.of(".ci/account target/first.log", ".ci/account target/second.log", ".ci/programs",
                ".ci/clients", ".ci/bare -Dgroups=!long | outside | needs", ".ci/without nvcc"), lines);
        assertFalse(Files.exists(folder.resolve("target/ordinary")), "its copy is left");
    }

    @Test
    void aPartThatFailsFailsAll() throws IOException, InterruptedException {
        for (String part : List.of(".ci/account", ".ci/programs", ".ci/clients", ".ci/bare", ".ci/without")) {
            assertEquals(1, run(part).code, part);
        }
    }
}
