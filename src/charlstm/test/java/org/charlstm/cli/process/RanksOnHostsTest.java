package org.charlstm.cli.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.machine.LastLines;
import org.charlstm.machine.MpiLauncher;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.NetworkHosts;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** {@code train} on two hosts, between which there is nothing but TCP. */
@InProcesses
@Order(4)
@Needs({Need.NAMESPACES, Need.OPEN_MPI})
@SecondCircle("several hosts; RanksCommandTest has ranks on one")
class RanksOnHostsTest {
    private static final List<String> TCP = List.of("--mca", "pml", "ob1", "--mca", "btl", "self,tcp");

    private static final String LOST = "Open MPI had lost its own daemon on the other host before an epoch was over";
    private static final int MOST_TRIES = 3;

    @TempDir
    private static Path folder;
    private static Path text;
    private static NetworkHosts hosts;

    @BeforeAll
    static void connect() throws IOException {
        text = Tiny.text(folder);
        hosts = new NetworkHosts(folder, "alpha", "beta");
    }

    @AfterAll
    static void disconnect() throws IOException {
        hosts.close();
    }

    @AfterEach
    void clear() throws IOException {
        hosts.clear();
    }

    private static Process start(String out, String... options) throws IOException, InterruptedException {
        return hosts.start(TCP,
                RanksCommandTest.program(RanksCommandTest.training(text, folder.resolve(out), options)));
    }

    /** One that is to be ended by something else; it has trained for an epoch. */
    private static Process endless(String out, TestReporter reporter) throws IOException, InterruptedException {
        for (int tries = 1;; tries++) {
            Process process = start(out, "--epochs", "100000", "--rank-timeout", "2", "--force");
            if (RanksCommandTest.awaitEpochs(process, folder.resolve(out))) {
                return process;
            }
            MpiLauncher.Job job = ended(process);
            if (tries == MOST_TRIES || !job.lostItsDaemon()) {
                fail("it ended before an epoch, with code " + job.code() + ": " + job.err());
            }
            reporter.publishEntry(LastLines.TRIED_AGAIN, LOST);
        }
    }

    private static MpiLauncher.Job ended(Process process) throws IOException, InterruptedException {
        return MpiLauncher.end(process, folder);
    }

    private static List<ProcessHandle> processes(String host, String program) throws IOException {
        return hosts.processes(host).stream()
                .filter(each -> each.info().command().orElse("").endsWith("/" + program)).toList();
    }

    private static void killOnBeta(String program) throws IOException {
        List<ProcessHandle> found = processes("beta", program);
        assertFalse(found.isEmpty(), () -> "no " + program + " runs on beta");
        found.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void twoHostsTrainAsOneProcess(TestReporter reporter) throws IOException, InterruptedException {
        MpiLauncher.Job job = ended(start("two", "--epochs", "2"));
        for (int tries = 1; tries < MOST_TRIES && job.lostItsDaemon(); tries++) {
            reporter.publishEntry(LastLines.TRIED_AGAIN, LOST);
            job = ended(start("two", "--epochs", "2", "--force"));
        }
        List<String> out = job.out();
        assertEquals(0, job.code(), job.err());
        assertTrue(out.stream().anyMatch(line -> line.startsWith("training on 2 ranks of 2 hosts, each on reference")),
                out::toString);
        Tool.output(RanksCommandTest.training(text, folder.resolve("one"), "--epochs", "2").toArray());
        Agreement.require("weights", RanksCommandTest.weights(folder.resolve("one")),
                RanksCommandTest.weights(folder.resolve("two")), 2e-5);
    }

    /**
     * It is named by who notices first, unless that is the other rank's own connection, which names nobody, or Open MPI
     * loses its daemon with the rank.
     */
    @Test
    void aRankThatIsKilledOnAnotherHostEndsTheJob(TestReporter reporter) throws IOException, InterruptedException {
        Process process = endless("killed", reporter);
        killOnBeta("java");
        MpiLauncher.Job job = ended(process);
        assertNotEquals(0, job.code(), job.err());
        if (!job.lostItsDaemon() && !job.err().contains("Socket closed")) {
            assertEquals(RanksCommandTest.BY_KILL, job.code(), job.err());
            assertTrue(job.err().contains("rank 1 with PID"), job.err());
            assertTrue(job.err().contains("on node beta"), job.err());
        }
        RanksCommandTest.requireToGoOn(folder.resolve("killed"));
    }

    /**
     * Then Open MPI ends the job by itself, with words of its own: by these the other tests know such an end. Its exit
     * code says nothing, and has been 0, 1 and 137.
     */
    @Test
    void aDaemonThatIsKilledEndsTheJob(TestReporter reporter) throws Exception {
        Process process = endless("daemon", reporter);
        killOnBeta("prted");
        MpiLauncher.Job job = ended(process);
        assertTrue(job.lostItsDaemon(), job.err());
        // Open MPI does not wait for the rank beside it, which saves once more.
        for (ProcessHandle rank : processes("alpha", "java")) {
            rank.onExit().get(60, TimeUnit.SECONDS);
        }
        RanksCommandTest.requireToGoOn(folder.resolve("daemon"));
    }

    @Test
    void aHostThatIsCutOffIsNamedAndEndsTheJob(TestReporter reporter) throws IOException, InterruptedException {
        Process process = endless("cut", reporter);
        MpiLauncher.Job job;
        hosts.cutOff("beta");
        try {
            job = ended(process);
        } finally {
            hosts.restart("beta");
        }
        assertEquals(1, job.code(), job.err());
        assertTrue(job.err().lines().anyMatch(line -> line.matches("charlstm: rank 1 on host beta has not answered for "
                + "2 s \\(step \\d+; rank 0 on host alpha is at step \\d+\\); see whether .*")), job.err());
        RanksCommandTest.requireToGoOn(folder.resolve("cut"));
    }
}
