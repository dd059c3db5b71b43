package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.charlstm.InProcesses;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's archive of classes with a real JVM, which would pass over one that it cannot use without a word. */
@InProcesses
@Needs({Need.BASH, Need.FIND, Need.JAVAC})
class ClassArchiveTest {
    @TempDir
    private Path folder;

    @Test
    void theJvmTakesClassesFromIt() throws Exception {
        Path target = Path.of("target").toAbsolutePath();
        Path jdk = Path.of(System.getProperty("java.home"));
        Path house = Files.createDirectory(folder.resolve("a house"));
        Files.copy(Path.of("charlstm"), house.resolve("charlstm"));
        Files.createDirectories(house.resolve("src/main"));
        Files.createDirectories(house.resolve("kernels"));
        Files.createFile(house.resolve("pom.xml"));
        Path maven = Files.createDirectory(folder.resolve("bin")).resolve("mvn");
        Files.writeString(maven, """
                #!/bin/sh
                for option; do case $option in -Dbuild.folder=*) build=${option#*=} ;; esac; done
                cp '%1$s/charlstm.jar' "$build" && ln -s '%1$s/lib' "$build/lib"
                """.formatted(target));
        assertTrue(maven.toFile().setExecutable(true));

        ProcessBuilder builder = new ProcessBuilder("bash", "-c", "PATH=../bin:$PATH ./charlstm --version; "
                + "JDK_JAVA_OPTIONS=-Xlog:class+load exec bash ./charlstm sample --help")
                .directory(house.toFile()).redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
        builder.environment().put("JAVA_HOME", jdk.toString());
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(10, TimeUnit.MINUTES), "it does not end");
            assertEquals(0, process.exitValue(), Files.readString(folder.resolve("err")));
        } finally {
            process.destroyForcibly();
        }
        List<String> loaded = Files.readAllLines(folder.resolve("out"));
        assertTrue(loaded.stream().anyMatch(line -> line.contains(" org.charlstm.cli.SampleCommand source: shared ")),
                () -> String.join("\n", loaded.stream().filter(line -> line.contains("charlstm")).toList()));
    }
}
