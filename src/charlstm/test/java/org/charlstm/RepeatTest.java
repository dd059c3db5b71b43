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

/** {@code .ci/repeat}, with a stand-in for Maven whose third run has a class that fails. */
@Needs(Need.BASH)
@Tag("outside")
class RepeatTest {
    private static final Pattern OUTSIDE =
            Pattern.compile("Thread\\.sleep|ServerSocket|LocalServer|HttpClient|Signals\\."
                    + "|ProcessBuilder|NetworkHosts|MpiLauncher|Chromium|Bash\\.|Python\\.|[a-z]\\.await\\(|onExit\\(");

    @TempDir
    private Path folder;

    /** What it printed, and its exit code. */
    private record Result(int code, List<String> lines) {
    }

    @BeforeEach
    void copy() throws IOException {
        Files.createDirectories(folder.resolve(".ci"));
        Files.createDirectories(folder.resolve("bin"));
        Path script = folder.resolve(".ci").resolve("repeat");
        Files.copy(Path.of(".ci", "repeat"), script, StandardCopyOption.COPY_ATTRIBUTES);
        Path maven = folder.resolve("bin").resolve("mvn");
        Files.writeString(maven, maven());
        assertTrue(maven.toFile().setExecutable(true));
    }

    /** Its third run fails, and its second has tried something again. */
    private static String maven() {
        return """
                #!%s
                echo "$*" >>arguments
                case "$*" in *test-compile*) exit 0 ;; esac
                runs=$(($(wc -l <arguments) - 1))
                reports=target/surefire-reports
                mkdir -p $reports
                suite='<testsuite tests="2" errors="0" failures='
                failed=0
                [ $runs = 3 ] && failed=1
                echo "$suite'0'>" >$reports/TEST-org.example.SteadyTest.xml
                echo "$suite\\"$failed\\">" >$reports/TEST-org.example.LuckyTest.xml
                [ $runs = 2 ] && echo "tried again 1 time: another program"
                echo "[INFO] Tests run: 4, Failures: $failed, Errors: 0, Skipped: 1"
                exit $failed
                """
                .formatted(Bash.file());
    }

    private Result repeat(String... arguments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(Bash.file().toString(), folder.resolve(".ci/repeat").toString()));
        line.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().merge("PATH", folder.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
        Process process = builder.start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), printed.lines().toList());
    }

    private static List<String> withoutSeconds(Result result) {
        return result.lines().stream().map(line -> line.replaceFirst(" in \\d+ s;", " in T s;")).toList();
    }

    @Test
    void saysWhichClassEverFailed() throws IOException, InterruptedException {
        Result result = repeat("4", "1", "-Dgroups=processes | outside");
        assertEquals(List.of("building",
                "run 1 of 4: passed in T s; Tests run: 4, Failures: 0, Errors: 0, Skipped: 1",
                "run 2 of 4: passed in T s; Tests run: 4, Failures: 0, Errors: 0, Skipped: 1",
                "tried again 1 time: another program",
                "run 3 of 4: FAILED in T s; Tests run: 4, Failures: 1, Errors: 0, Skipped: 1; see target/repeat-3.log",
                "run 4 of 4: passed in T s; Tests run: 4, Failures: 0, Errors: 0, Skipped: 1",
                "org.example.LuckyTest failed in 1 of 4 runs"), withoutSeconds(result));
        assertEquals(1, result.code());
        assertTrue(Files.readString(folder.resolve("target/repeat-3.log")).contains("Failures: 1"));
        List<String> arguments = Files.readAllLines(folder.resolve("arguments"));
        assertEquals(5, arguments.size());
        assertTrue(arguments.getLast().endsWith(" -Dgroups=processes | outside"), arguments::toString);
    }

    @Test
    void succeedsWhereNoClassFailed() throws IOException, InterruptedException {
        Result result = repeat("2");
        assertEquals("no class failed in 2 runs", result.lines().getLast());
        assertEquals(0, result.code());
    }

    @Test
    void wantsAPositiveNumber() throws IOException, InterruptedException {
        for (String times : List.of("", "0", "-1", "ten")) {
            Result result = repeat(times);
            assertEquals(2, result.code());
            assertEquals(1, result.lines().size());
            assertTrue(result.lines().getFirst().startsWith("usage: .ci/repeat TIMES"), result::toString);
        }
        assertFalse(Files.exists(folder.resolve("arguments")));
    }

    /** A test that depends on time, ports, signals or another program can be repeated by its tag. */
    @Test
    void whatDependsOnMoreThanItselfSaysSo() throws IOException {
        assertEquals(List.of(), Sources.files(Sources.TESTS).stream().filter(RepeatTest::isUntold).toList());
    }

    private static boolean isUntold(Path file) {
        try {
            String text = Files.readString(file);
            boolean tests =
                    text.contains("@Test\n") || text.contains("@ParameterizedTest") || text.contains("@TestFactory");
            return tests && OUTSIDE.matcher(text).find() && !text.contains("@InProcesses")
                    && !text.contains("@Tag(\"outside\")");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
