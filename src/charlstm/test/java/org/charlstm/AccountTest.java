package org.charlstm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.machine.Bash;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code .ci/account}, with a stand-in for Maven: what a run took, and that no test was skipped for a false reason. */
@Needs(Need.BASH)
@Tag("outside")
class AccountTest {
    @TempDir
    private Path folder;

    private record Result(int code, List<String> lines) {
    }

    @BeforeEach
    void copy() throws IOException {
        Files.createDirectories(folder.resolve(".ci"));
        Files.copy(Path.of(".ci", "account"), folder.resolve(".ci/account"), StandardCopyOption.COPY_ATTRIBUTES);
    }

    /** Of a build that prints this and ends so. */
    private Result account(String prints, int code) throws IOException, InterruptedException {
        Files.writeString(folder.resolve("prints"), prints);
        Process process = new ProcessBuilder(Bash.file().toString(), folder.resolve(".ci/account").toString(), "log",
                Bash.file().toString(), "-c", "cat prints; exit " + code).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), printed.lines().toList());
    }

    @Test
    void theSlowestClassesAndThePiecesOfWorkAreSaid() throws IOException, InterruptedException {
        Result result = account("""
                [INFO] --- surefire:3.5.4:test (default-test) @ charlstm-cuda ---
                [INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 1.5 s -- in org.example.SlowTest
                [INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 1, Time elapsed: 0.5 s -- in org.example.QuickTest
                skipped 1 test: no unicorn here: apt install unicorn
                skipped 2 tests: no libraries of NVIDIA's here: .ci/nvidia downloads them
                [INFO] --- jar:3.4.2:jar (default-jar) @ charlstm-cuda ---
                """, 0);
        assertEquals(0, result.code, result::toString);
        List<String> last = result.lines.subList(result.lines.indexOf("the slowest classes:") + 1, result.lines.size());
        assertEquals(List.of("     1.5 s  SlowTest", "     0.5 s  QuickTest"), last.subList(0, 2));
        assertTrue(last.getLast().matches("0 min \\d+ s; CPU minutes: \\d+\\.\\d, of which the tests took \\d+\\.\\d; "
                + "\\d+ pieces of work, of \\d+\\.\\d\\d s here"), result::toString);
        assertTrue(Files.readString(folder.resolve("log")).contains("SlowTest"));
    }

    @Test
    void aFalseReasonFails() throws IOException, InterruptedException {
        String reason = "no bash here: apt install bash";
        Result result = account("skipped 3 tests: " + reason + "\n", 0);
        assertEquals(1, result.code, result::toString);
        assertTrue(result.lines.contains("skipped for want of what is here: " + reason), result::toString);
    }

    @Test
    void aBuildThatFailsEndsAsItDid() throws IOException, InterruptedException {
        assertEquals(3, account("", 3).code);
    }
}
