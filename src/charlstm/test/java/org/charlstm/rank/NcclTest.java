package org.charlstm.rank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.device.Device;
import org.charlstm.device.TestDevices;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.QuickStart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two ranks with a simulated GPU each, as torchrun starts them: NCCL's stand-in carries all. */
@InProcesses
@Needs(Need.SIMULATED_GPU)
class NcclTest {
    private static final Path NATIVE = Path.of("target", "native").toAbsolutePath();
    private static final int SECONDS = 600;

    @TempDir
    private Path folder;

    private record Ended(int code, List<String> out, String err) {
    }

    private List<Ended> run(String what, int timeout) throws IOException, InterruptedException {
        List<Process> processes = new ArrayList<>();
        try {
            for (int rank = 0; rank < 2; rank++) {
                ProcessBuilder builder = new ProcessBuilder(Stream.of(List.of(QuickStart.java()), QuickStart.flags(),
                        List.of("-Xmx128m", "--enable-native-access=ALL-UNNAMED", "-cp", QuickStart.withTests(),
                                NcclProgram.class.getName(), what, String.valueOf(timeout)))
                        .flatMap(List::stream).toList());
                String port = String.valueOf(20_000 + ProcessHandle.current().pid() % 30_000);
                builder.environment().putAll(Map.of("CHARLSTM_SIM", NATIVE.toString(), "CHARLSTM_LIBCUDA",
                        NATIVE.resolve("libcuda.so.1").toString(), "RANK", String.valueOf(rank), "WORLD_SIZE", "2",
                        "LOCAL_RANK", String.valueOf(rank), "MASTER_ADDR", "127.0.0.1", "MASTER_PORT", port));
                if (what.equals("train")) {
                    // Ids of an address are not alike in it.
                    builder.environment().put("CHARLSTM_SIM_NCCL", "22105");
                }
                if (what.equals("stall")) {
                    builder.environment().put("CHARLSTM_SIM_STREAMS", "deferred");
                }
                processes.add(builder.redirectOutput(folder.resolve("out" + rank).toFile())
                        .redirectError(folder.resolve("err" + rank).toFile()).start());
            }
            List<Ended> ended = new ArrayList<>();
            for (int rank = 0; rank < (what.equals("train") || what.equals("work") ? 2 : 1); rank++) {
                assertTrue(processes.get(rank).waitFor(SECONDS, TimeUnit.SECONDS), "it does not end");
                ended.add(new Ended(processes.get(rank).exitValue(), Files.readAllLines(folder.resolve("out" + rank)),
                        Files.readString(folder.resolve("err" + rank))));
            }
            return ended;
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
    }

    @Test
    void sumsAreRecordedAndHostsAreServed() throws IOException, InterruptedException {
        for (Ended rank : run("work", 30_000)) {
            assertEquals(0, rank.code, rank.err);
            assertEquals(List.of("true, 2 launches, [], NCCL 2.29.3, true, [2.0, 2.0][3.0, 4.0, 6.0]weights[, x]",
                    "0 left"), rank.out);
        }
    }

    /**
     * Of nine updates two shapes are told call by call once; seven are launches of a graph, sum and all. Its parts
     * begin on a stream of their own, and give the same bits as one sum.
     */
    @Test
    @SecondCircle("a training; sumsAreRecordedAndHostsAreServed")
    void trainingIsThatOfOneProcessAndItsSumIsInTheGraph() throws IOException, InterruptedException {
        double[] expected;
        try (Device device = TestDevices.open("cpu")) {
            expected = NcclProgram.trained(device, Collective.single(), false);
        }
        List<Ended> ranks = run("train", 30_000);
        for (Ended rank : ranks) {
            assertEquals(0, rank.code, rank.err);
            assertEquals("7 [] true", rank.out.getFirst());
            double[] weights = Stream.of(rank.out.get(1).substring(1, rank.out.get(1).length() - 1).split(", "))
                    .mapToDouble(Double::parseDouble).toArray();
            Agreement.require("weights", expected, weights, 2e-5);
        }
        assertEquals(ranks.getFirst().out, ranks.getLast().out);
    }

    @Test
    @SecondCircle("waits")
    void whoWaitsForARankInVainEnds() throws IOException, InterruptedException {
        Ended first = run("hang", 1500).getFirst();
        assertEquals(1, first.code, first.err);
        assertTrue(first.err.contains("failed: another of the 2 ranks has not answered for 1.5 s (this one is at step "
                + "3); what the others printed tells which"), first.err);
    }

    /** It waits for its own GPU, which waits for the other. */
    @Test
    @SecondCircle("waits; sumsAreRecordedAndHostsAreServed has the step")
    void whoWaitsForARankWithinARecordedStepEnds() throws IOException, InterruptedException {
        Ended first = run("stall", 2000).getFirst();
        assertEquals(1, first.code, first.err);
        // The third, unless the machine is slow.
        assertTrue(
                first.err.contains("failed: another of the 2 ranks has not answered for 2 s (this one is at step "),
                first.err);
    }
}
