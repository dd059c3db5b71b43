package org.charlstm.rank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.machine.MpiLauncher;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks under the system's own Open MPI and MPICH. */
@InProcesses
@Order(4)
@Needs({Need.OPEN_MPI, Need.MPICH})
class MpiTest {
    @TempDir
    private Path folder;

    private MpiLauncher.Job run(MpiLauncher mpi, int ranks, String what, int timeout)
            throws IOException, InterruptedException {
        List<String> program = new ArrayList<>(MpiLauncher.java(64));
        program.addAll(List.of(RankProgram.class.getName(), what, String.valueOf(timeout)));
        return mpi.run(folder, ranks, program);
    }

    /** The lines of each rank: {@code rank R of N, R here: } and the sums' hashes, the same in all. */
    private String said(MpiLauncher mpi, int ranks) throws IOException, InterruptedException {
        MpiLauncher.Job job = run(mpi, ranks, "work", 20_000);
        assertEquals(0, job.code(), job.err());
        Set<String> results = new TreeSet<>();
        Set<String> names = new TreeSet<>();
        for (String line : job.out()) {
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
        String open = said(MpiLauncher.OPEN, 3);
        assertTrue(open.endsWith(" [4.5, 3.0] weights [, x, xx] 200"), open);
        assertEquals(open, said(MpiLauncher.MPICH, 3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hang", "stop"})
    @SecondCircle("a stalled process")
    void theRankThatDoesNotComeIsNamed(String what) throws IOException, InterruptedException {
        MpiLauncher.Job job = run(what.equals("stop") ? MpiLauncher.MPICH : MpiLauncher.OPEN, 2, what, 1500);
        assertEquals(1, job.code(), job.err());
        assertTrue(job.err().lines().anyMatch(line -> line.matches("failed: rank 1 on host \\S+ has not answered for "
                + "1\\.5 s \\(step [23]; rank 0 on host \\S+ is at step 3\\); .*")), job.err());
        assertEquals(List.of(), job.out());
    }

    /** Its launcher sees it, and says so. */
    @Test
    @SecondCircle("kills")
    void aRankThatDiesTakesTheOthersWithIt() throws IOException, InterruptedException {
        MpiLauncher.Job job = run(MpiLauncher.OPEN, 2, "die", 50_000);
        // mpirun's exit code after SIGKILL.
        assertEquals(137, job.code(), job.err());
        assertTrue(job.err().contains("rank 1 with PID"), job.err());
        assertEquals(List.of(), job.out());
    }

    /** Before, in and after the steps, and for as long as that may be. */
    @Test
    @SecondCircle("a stalled process")
    void aRankThatIsSlowButAliveIsWaitedFor() throws IOException, InterruptedException {
        MpiLauncher.Job job = run(MpiLauncher.OPEN, 2, "slow", 800);
        assertEquals("rank 0 did all steps|rank 1 did all steps",
                job.out().stream().sorted().collect(Collectors.joining("|")), job.err());
        assertEquals(1, job.code(), job.err());
        assertTrue(job.err().lines().anyMatch(line -> line.matches("failed: rank 1 on host \\S+ has not answered for "
                + "0\\.8 s \\(step 4; .*")), job.err());
    }
}
