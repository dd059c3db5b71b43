package org.charlstm.cli.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher beside others: what runs while one builds, and who builds. */
@InProcesses
@Timeout(900)
@Needs({Need.BASH, Need.FIND, Need.FLOCK})
class LauncherBuildTest {
    /** A Maven that says who it is, and then waits for leave. */
    private static final String WAITS = "printf '%s' $$ >\"$RECORD/maven.new\"; mv \"$RECORD/maven.new\" "
            + "\"$RECORD/maven\"; while [ ! -e \"$RECORD/leave\" ]; do sleep 0.05; done; ";

    private static final String FIRST =
            "charlstm: building (the first time takes about half a minute, and downloads what it needs)";
    private static final String SOURCES_CHANGED = "charlstm: building (the sources have changed)";

    @TempDir
    private Path folder;
    private Launcher launcher;
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void build() throws IOException {
        launcher = new Launcher(folder);
        launcher.with("JAVA_HOME", launcher.jdk("jdk", 25));
    }

    @AfterEach
    void end() throws IOException {
        // Processes that a failed test left waiting go on and end.
        Files.writeString(launcher.record().resolve("go"), "");
        Files.writeString(launcher.record().resolve("leave"), "");
        started.forEach(Process::destroyForcibly);
    }

    private Process start(Path err, String... arguments) throws IOException {
        Process process = launcher.start(err, arguments);
        started.add(process);
        return process;
    }

    /** Waits for a file that one of the stand-ins writes, and reads it. */
    private String awaited(Path file) throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (!Files.exists(file) || Files.size(file) == 0) {
            assertTrue(System.nanoTime() - start < TimeUnit.MINUTES.toNanos(10), () -> file + " is not written");
            Thread.sleep(10);
        }
        return Files.readString(file);
    }

    private static void requireEnd(Process process, int code) throws InterruptedException {
        assertTrue(process.waitFor(10, TimeUnit.MINUTES), "it does not end");
        assertEquals(code, process.exitValue());
    }

    /** Java opens a library when it first needs it: all stay, until a build finds that nothing runs from them. */
    @Test
    void whatRunsKeepsItsJarAndLibraries() throws Exception {
        Path old = launcher.jar();
        Object place = Files.getAttribute(old, "unix:ino");
        Process training = start(folder.resolve("err"), "hang");
        awaited(launcher.record().resolve("process"));
        launcher.touch("pom.xml");
        launcher.maven(Launcher.BUILDS);
        assertEquals(List.of("train"), launcher.run("train").programArguments());
        assertEquals("new", Files.readString(launcher.jar()));
        assertEquals("new", Files.readString(launcher.jar().resolveSibling("lib").resolve("a.jar")));
        assertEquals("old", Files.readString(old));
        assertEquals(place, Files.getAttribute(old, "unix:ino"));
        assertEquals("old", Files.readString(old.resolveSibling("lib").resolve("a.jar")));
        assertEquals(List.of("run-1", "run-2"), launcher.builds());

        Files.writeString(launcher.record().resolve("go"), "");
        requireEnd(training, 0);
        launcher.run("train");
        assertEquals(List.of("run-3"), launcher.builds());
    }

    /** Or one Maven would read what the other is writing. */
    @Test
    void twoThatHaveToBuildBuildOnce() throws Exception {
        Files.delete(launcher.target().resolve("run"));
        launcher.maven("echo >>\"$RECORD/builds\"; " + WAITS + Launcher.BUILDS);
        Path first = folder.resolve("first");
        Process one = start(first, "train");
        awaited(launcher.record().resolve("maven"));
        Path second = folder.resolve("second");
        Process other = start(second, "train");
        String said = "charlstm: waiting for process " + one.pid() + ", which is building\n";
        assertEquals(said, awaited(second));
        Files.writeString(launcher.record().resolve("leave"), "");
        requireEnd(one, 0);
        requireEnd(other, 0);
        assertEquals(1, Files.readAllLines(launcher.record().resolve("builds")).size());
        assertEquals(FIRST + "\n", Files.readString(first));
        assertEquals(said, Files.readString(second));
        assertEquals("new", Files.readString(launcher.jar()));
    }

    @Test
    @Needs(Need.SCRIPT)
    void aTerminalShowsWhatMavenIsAtMeanwhile() throws Exception {
        Files.delete(launcher.target().resolve("run"));
        launcher.maven("echo '[INFO] --- compiler:3:compile (default-compile) @ charlstm ---'; " + WAITS
                + Launcher.BUILDS);
        Process process = launcher.onTerminal("train");
        started.add(process);
        StringBuilder seen = new StringBuilder();
        for (int n; (n = process.getInputStream().read()) >= 0;) {
            seen.append((char) n);
            if (seen.toString().endsWith(" s  compiler:3:compile (default-compile)")) {
                Files.writeString(launcher.record().resolve("leave"), "");
            }
        }
        requireEnd(process, 0);
        String all = seen.toString();
        assertTrue(all.startsWith(FIRST), all);
        assertTrue(all.endsWith("\r\033[K"), all);
    }

    /** Where nobody sees a line that changes. */
    @Test
    void aLogSaysWhichModuleIsBuilt() throws Exception {
        Files.delete(launcher.target().resolve("run"));
        launcher.maven("echo '[INFO] Building charlstm-cuda 0.1.0      [2/4]'; echo '[INFO] Building jar: a.jar'; "
                + Launcher.BUILDS);
        Path err = folder.resolve("err");
        requireEnd(start(err, "train"), 0);
        List<String> lines = Files.readAllLines(err);
        assertEquals(List.of(FIRST, "charlstm: building charlstm-cuda, 2 of 4, T s"),
                lines.stream().map(line -> line.replaceFirst(", \\d+ s$", ", T s")).toList());
    }

    /** A build that failed is tried again by whoever waited for it. */
    @Test
    void whoeverWaitedForABuildThatFailedBuilds() throws Exception {
        launcher.touch("pom.xml");
        launcher.maven(WAITS + "if [ ! -e \"$RECORD/failed\" ]; then : >\"$RECORD/failed\"; exit 1; fi; "
                + Launcher.BUILDS);
        Process one = start(folder.resolve("first"), "train");
        awaited(launcher.record().resolve("maven"));
        Path second = folder.resolve("second");
        Process other = start(second, "train");
        awaited(second);
        Files.writeString(launcher.record().resolve("leave"), "");
        requireEnd(one, 1);
        requireEnd(other, 0);
        assertEquals(List.of(SOURCES_CHANGED), Files.readAllLines(second).subList(1, 2));
        assertEquals("new", Files.readString(launcher.jar()));
    }

    @Test
    void aLockOfADeadProcessDoesNotBlock() throws Exception {
        launcher.touch("pom.xml");
        launcher.maven(WAITS);
        Process killed = start(folder.resolve("first"), "train");
        long maven = Long.parseLong(awaited(launcher.record().resolve("maven")));
        killed.destroyForcibly().waitFor();
        ProcessHandle.of(maven).ifPresent(ProcessHandle::destroyForcibly);
        // The process that it had started last ends by itself.
        Thread.sleep(500);
        assertTrue(Files.readString(launcher.target().resolve("building")).startsWith(Long.toString(killed.pid())));
        launcher.maven(Launcher.BUILDS);
        Launcher.Result result = launcher.run("train");
        assertEquals(SOURCES_CHANGED + "\n", result.err());
        assertEquals("new", Files.readString(launcher.jar()));
    }

    /** As on macOS: what cannot be known to be unused stays. */
    @Test
    void whereThereAreNoLocksItBuildsAllTheSame() throws Exception {
        Files.delete(folder.resolve("bin").resolve("flock"));
        launcher.touch("pom.xml");
        launcher.maven(Launcher.BUILDS);
        Launcher.Result result = launcher.run("train");
        assertEquals(SOURCES_CHANGED + "\n", result.err());
        assertEquals(List.of("train"), result.programArguments());
        assertEquals("new", Files.readString(launcher.jar()));
        assertEquals(List.of("run-1", "run-2"), launcher.builds());
    }

    /** A source that changes while a build is under way may not be in it. */
    @Test
    void whatChangesDuringABuildIsBuiltTheNextTime() throws Exception {
        Files.delete(launcher.target().resolve("run"));
        launcher.maven("sleep 0.1; : >pom.xml; " + Launcher.BUILDS);
        launcher.run("train");
        launcher.maven("sleep 0.1; " + Launcher.BUILDS);
        assertEquals(SOURCES_CHANGED + "\n", launcher.run("train").err());
        assertEquals("", launcher.run("train").err());
    }

    /** A JVM would pass over an archive of classes that it cannot use without a word. */
    @Test
    @Needs(Need.JAVAC)
    @SecondCircle("a JVM; the other tests start a stand-in")
    void aRealJvmTakesClassesFromTheArchive() throws Exception {
        Path target = Path.of("target").toAbsolutePath();
        Path jdk = Path.of(System.getProperty("java.home"));
        Path house = Files.createDirectory(folder.resolve("another house"));
        Files.copy(Path.of("charlstm"), house.resolve("charlstm"));
        Launcher.sources(house);
        Path maven = Files.createDirectory(folder.resolve("real")).resolve("mvn");
        Files.writeString(maven, """
                #!/bin/sh
                for option; do case $option in -Dbuild.folder=*) build=${option#*=} ;; esac; done
                cp '%1$s/charlstm.jar' "$build" && ln -s '%1$s/lib' "$build/lib"
                """.formatted(target));
        assertTrue(maven.toFile().setExecutable(true));

        ProcessBuilder builder = new ProcessBuilder("bash", "-c", "PATH=../real:$PATH ./charlstm --version; "
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
        assertTrue(
                loaded.stream().anyMatch(line -> line.contains(" org.charlstm.cli.model.SampleCommand source: shared")),
                () -> String.join("\n", loaded.stream().filter(line -> line.contains("charlstm")).toList()));
    }
}
