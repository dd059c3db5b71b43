package org.charlstm.rank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.charlstm.InProcesses;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks under the system's own Open MPI and MPICH. */
@InProcesses
class MpiTest {
    /** The whole job is to be over long before. */
    private static final int SECONDS = 60;

    @TempDir
    private Path folder;

    /**
     * Whose launcher.
     *
     * @param word     what it says of itself among its version
     * @param programs its names
     * @param options  what it needs as root, and with more ranks than cores
     */
    record Mpi(String word, List<String> programs, List<String> options) {
        static final Mpi OPEN = new Mpi("Open MPI", List.of("mpirun.openmpi", "mpirun"),
                List.of("--allow-run-as-root", "--oversubscribe"));
        static final Mpi MPICH = new Mpi("HYDRA", List.of("mpiexec.mpich", "mpiexec.hydra", "mpiexec"), List.of());

        private List<String> launcher() throws InterruptedException {
            for (String program : programs) {
                try {
                    Process process = new ProcessBuilder(program, "--version").redirectErrorStream(true).start();
                    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    if (process.waitFor() == 0 && said.contains(word)) {
                        List<String> line = new ArrayList<>(List.of(program));
                        line.addAll(options);
                        return line;
                    }
                } catch (IOException _) {
                    // It is not here; another may be.
                }
            }
            return Assumptions.abort("no " + word + " here (Debian: apt install openmpi-bin libopenmpi-dev, or mpich)");
        }
    }

    private record Job(int code, List<String> out, String err) {
    }

    private Job run(Mpi mpi, int ranks, String what, int timeout) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(mpi.launcher());
        line.addAll(List.of("-n", String.valueOf(ranks), Path.of(System.getProperty("java.home"), "bin", "java")
                .toString(), "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m",
                "--enable-native-access=ALL-UNNAMED", "--add-modules", "jdk.incubator.vector", "-cp",
                System.getProperty("java.class.path"), RankProgram.class.getName(), what, String.valueOf(timeout)));
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(line).redirectOutput(out.toFile()).redirectError(err.toFile());
        // Its messages between processes of one host need no network.
        builder.environment().put("OMPI_MCA_btl", "^tcp");
        Process process = builder.start();
        try {
            assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), () -> "it does not end: " + read(err));
        } finally {
            process.destroyForcibly();
        }
        return new Job(process.exitValue(), Files.readAllLines(out), read(err));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** What each prints: {@code rank R of N, R here: } and the sums' hashes, the same in all. */
    private String said(Mpi mpi, int ranks) throws IOException, InterruptedException {
        Job job = run(mpi, ranks, "work", 20_000);
        assertEquals(0, job.code, job.err);
        Set<String> results = new TreeSet<>();
        Set<String> names = new TreeSet<>();
        for (String line : job.out) {
            int end = line.indexOf(": ");
            names.add(line.substring(0, end));
            results.add(line.substring(end + 2));
        }
        Set<String> expected = new TreeSet<>();
        for (int r = 0; r < ranks; r++) {
            expected.add("rank " + r + " of " + ranks + ", " + r + " here");
        }
        assertEquals(expected, names);
        assertEquals(1, results.size(), () -> "ranks differ: " + results);
        return results.iterator().next();
    }

    /** Sums are those in the order of the ranks, by the program's own check, so that any MPI gives the same bits. */
    @Test
    void bothLibrariesGiveAllRanksTheSame() throws IOException, InterruptedException {
        String open = said(Mpi.OPEN, 2);
        assertTrue(open.endsWith(" [2.0, 2.0] weights [, x] 200"), open);
        String four = said(Mpi.OPEN, 4);
        assertTrue(four.endsWith(" [8.0, 4.0] weights [, x, xx, xxx] 200"), four);
        assertEquals(open, said(Mpi.MPICH, 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hang", "stop"})
    void theRankThatDoesNotComeIsNamed(String what) throws IOException, InterruptedException {
        Job job = run(what.equals("stop") ? Mpi.MPICH : Mpi.OPEN, 2, what, 1500);
        assertNotEquals(0, job.code, job.err);
        assertTrue(job.err.lines().anyMatch(line -> line.matches("failed: rank 1 on host \\S+ has not answered for "
                + "1\\.5 s \\(step [23]; rank 0 on host \\S+ is at step 3\\); .*")), job.err);
        assertEquals(List.of(), job.out);
    }

    /** Its launcher sees it, and says so. */
    @Test
    void aRankThatDiesTakesTheOthersWithIt() throws IOException, InterruptedException {
        Job job = run(Mpi.OPEN, 2, "die", 50_000);
        assertNotEquals(0, job.code, job.err);
        assertTrue(job.err.contains("rank 1 with PID"), job.err);
        assertEquals(List.of(), job.out);
    }

    @Test
    void aRankThatIsSlowButAliveIsWaitedFor() throws IOException, InterruptedException {
        Job job = run(Mpi.OPEN, 2, "slow", 1000);
        assertEquals(0, job.code, job.err);
        assertEquals("rank 0 did all steps|rank 1 did all steps",
                job.out.stream().sorted().collect(Collectors.joining("|")));
    }
}
