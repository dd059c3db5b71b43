package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.charlstm.Agreement;
import org.charlstm.InProcesses;
import org.charlstm.machine.MpiLauncher;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.NetworkHosts;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train} on two hosts, between which there is nothing but TCP. */
@InProcesses
@Needs({Need.NAMESPACES, Need.OPEN_MPI})
class RanksOnHostsTest {
    private static final List<String> TCP = List.of("--mca", "pml", "ob1", "--mca", "btl", "self,tcp");

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

    private static Process start(String out, String... options) throws IOException, InterruptedException {
        return hosts.start(TCP,
                RanksCommandTest.program(RanksCommandTest.training(text, folder.resolve(out), options)));
    }

    /** One that is to be ended by something else. */
    private static Process endless(String out) throws IOException, InterruptedException {
        Process process = start(out, "--epochs", "100000", "--rank-timeout", "2");
        RanksCommandTest.awaitEpochs(folder.resolve(out));
        return process;
    }

    private static MpiLauncher.Job ended(Process process) throws IOException, InterruptedException {
        return MpiLauncher.end(process, folder);
    }

    @Test
    void twoHostsTrainAsOneProcess() throws IOException, InterruptedException {
        MpiLauncher.Job job = ended(start("two", "--epochs", "2"));
        assertEquals(0, job.code(), job.err());
        assertTrue(job.out().stream().anyMatch(line -> line.startsWith("training on 2 ranks of 2 hosts, each on cpu")),
                () -> job.out().toString());
        Tool.output(RanksCommandTest.training(text, folder.resolve("one"), "--epochs", "2").toArray());
        Agreement.require("weights", RanksCommandTest.weights(folder.resolve("one")),
                RanksCommandTest.weights(folder.resolve("two")), 2e-5);
    }

    /** It is named by who notices first, unless that is the other rank's own connection, which names nobody. */
    @Test
    void aRankThatIsKilledOnAnotherHostEndsTheJob() throws IOException, InterruptedException {
        Process process = endless("killed");
        hosts.processes("beta").stream().filter(each -> each.info().command().orElse("").endsWith("java"))
                .forEach(ProcessHandle::destroyForcibly);
        MpiLauncher.Job job = ended(process);
        assertNotEquals(0, job.code(), job.err());
        if (!job.err().contains("Socket closed")) {
            assertEquals(RanksCommandTest.BY_KILL, job.code(), job.err());
            assertTrue(job.err().contains("rank 1 with PID"), job.err());
            assertTrue(job.err().contains("on node beta"), job.err());
        }
        RanksCommandTest.requireToGoOn(folder.resolve("killed"));
    }

    @Test
    void aHostThatIsCutOffIsNamedAndEndsTheJob() throws IOException, InterruptedException {
        Process process = endless("cut");
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
