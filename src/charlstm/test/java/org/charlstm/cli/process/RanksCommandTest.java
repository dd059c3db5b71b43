package org.charlstm.cli.process;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.cli.Main;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.io.ModelFile;
import org.charlstm.machine.MpiLauncher;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.Signals;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.StateFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** {@code train} as ranks of Open MPI's and MPICH's launchers. */
@InProcesses
@Order(3)
@Needs(Need.OPEN_MPI)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RanksCommandTest {
    /** mpirun's exit code after SIGKILL. */
    static final int BY_KILL = 137;

    /** Jobs of two ranks, one of which never joins: the other waits while the other tests run. */
    private static final Map<MpiLauncher, Process> ALONE = new EnumMap<>(MpiLauncher.class);

    @TempDir
    private static Path beside;

    @TempDir
    private Path folder;
    private Path text;

    @BeforeAll
    static void leaveRanksAlone() throws IOException {
        for (MpiLauncher mpi : Need.MPICH.lacking().isEmpty() ? MpiLauncher.values() : new MpiLauncher[0]) {
            ALONE.put(mpi, mpi.start(Files.createDirectory(beside.resolve(mpi.name())), 2, program(
                    "[ ${OMPI_COMM_WORLD_RANK:-$PMI_RANK} = 0 ] || kill -STOP $$",
                    training(Tiny.text(beside), beside.resolve("alone-" + mpi), "--rank-timeout", "3"))));
        }
    }

    @AfterAll
    static void endAll() throws IOException, InterruptedException {
        for (Map.Entry<MpiLauncher, Process> each : ALONE.entrySet()) {
            MpiLauncher.end(each.getValue(), beside.resolve(each.getKey().name()));
        }
        ALONE.clear();
    }

    @BeforeEach
    void write() {
        text = Tiny.text(folder);
    }

    /** In batches of nine, of which the last has two. */
    static List<String> training(Path captions, Path out, String... more) {
        List<String> line = new ArrayList<>(List.of("train", captions.toString(), "--out", out.toString(), "--hidden",
                "8", "--dense", "8", "--batch-size", "9", "--optimizer", "sgd", "--momentum", "0.5",
                "--learning-rate", "0.3"));
        line.addAll(List.of(more));
        if (!line.contains("--device")) {
            // It starts in half of the time, since nothing of it has to be compiled.
            line.addAll(List.of("--device", "reference"));
        }
        return line;
    }

    private List<String> training(Path captions, String out, String... more) {
        return training(captions, folder.resolve(out), more);
    }

    static List<String> program(List<String> line) {
        return Stream.of(MpiLauncher.tool(96), List.of(Main.class.getName()), line).flatMap(List::stream).toList();
    }

    /** A shell for each rank, before the program takes its place. */
    private static List<String> program(String first, List<String> line) {
        return Stream.concat(Stream.of("sh", "-c", first + "; exec \"$@\"", "sh"), program(line).stream()).toList();
    }

    private MpiLauncher.Job run(int ranks, List<String> line) throws IOException, InterruptedException {
        return MpiLauncher.OPEN.run(folder, ranks, program(line));
    }

    private double[] weights(String run) {
        return weights(folder.resolve(run));
    }

    static double[] weights(Path run) {
        return ModelFile.load(run).weights().tensors().stream()
                .flatMapToDouble(tensor -> Arrays.stream(tensor.values())).toArray();
    }

    /** Waits until a run has saved a state after an epoch, from which it can go on; false if its job ends before. */
    static boolean awaitEpochs(Process job, Path run) throws InterruptedException {
        Path state = run.resolve(StateFile.NAME);
        for (int i = 0; i < 2400 && job.isAlive(); i++) {
            if (Files.exists(state) && StateFile.load(run).training().epoch() > 0) {
                return true;
            }
            Thread.sleep(50);
        }
        return false;
    }

    @Test
    @SecondCircle("ranks of mpirun; MpiTest sums over them and RanksTrainingTest trains")
    void fourRanksTrainAsOneProcess() throws IOException, InterruptedException {
        String[] options = {"--epochs", "2", "--padding", "bucket", "--accumulate", "2", "--clip-norm", "0.3",
            "--dropout", "0.2", "--validation-split", "0.1", "--seed", "3", "--device", "cpu"};
        String alone = Tool.output(training(text, "one", options).toArray());
        MpiLauncher.Job job = run(4, training(text, "four", options));
        assertEquals(0, job.code(), job.err());
        Agreement.require("weights", weights("one"), weights("four"), 2e-5);
        String line = job.out().stream().filter(each -> each.startsWith("training on ")).findFirst().orElse("");
        assertTrue(line.matches("training on 4 ranks of 1 host, each on cpu \\(1 thread, .*\\), gradients summed by "
                + "MPI \\(Open MPI .*\\), into .*four"), line);
        // Without that, times and places, it prints what one process prints.
        assertEquals(losses(alone.lines().toList()), losses(job.out()));
        assertEquals(2, Files.readAllLines(folder.resolve("four").resolve(RunFolder.METRICS)).size());
        assertTrue(Files.readString(folder.resolve("four").resolve(RunFolder.RUN)).contains("\"size\": 4"));
    }

    private static List<String> losses(List<String> lines) {
        return lines.stream().filter(line -> line.startsWith("epoch ")).map(line -> line.replaceFirst(
                " val_bits.*", "")).toList();
    }

    /** Whichever library carries the sums: what Open MPI's ranks have begun MPICH's end. */
    @Test
    @Needs(Need.MPICH)
    @SecondCircle("another start of the ranks; ResumeTest goes on")
    void goingOnGivesTheSameBits() throws IOException, InterruptedException {
        // The reference device saves fewer digits than it computes with.
        assertEquals(0, run(2, training(text, "two", "--epochs", "2", "--keep", "1", "--device", "cpu")).code());
        byte[] whole = Files.readAllBytes(folder.resolve("two").resolve(ModelFile.NAME));
        MpiLauncher.Job job = MpiLauncher.MPICH.run(folder, 2, program(List.of("train", "--resume",
                folder.resolve("two").resolve("state-000001.safetensors").toString(), "--epochs", "2")));
        assertEquals(0, job.code(), job.err());
        assertTrue(job.out().stream().anyMatch(line -> line.matches("training on 2 ranks .* MPI \\(MPICH .*")),
                () -> job.out().toString());
        assertArrayEquals(whole, Files.readAllBytes(folder.resolve("two").resolve(ModelFile.NAME)));
        Tool.output(training(text, "one", "--epochs", "2", "--device", "cpu").toArray());
        Agreement.require("weights", weights("one"), weights("two"), 2e-5);
        // One process goes on with what two have begun.
        Tool.output("train", "--resume", folder.resolve("two"), "--epochs", 3);
    }

    /** An epoch has been saved, and one process goes on with it. */
    static void requireToGoOn(Path run) {
        int epoch = StateFile.load(run).training().epoch();
        assertTrue(epoch > 0, "nothing has been saved since it began");
        Tool.output("train", "--resume", run, "--epochs", epoch + 1, "--sample-count", 1);
    }

    @Test
    @SecondCircle("kills")
    void aKilledRankEndsTheJobAndLeavesACheckpoint() throws IOException, InterruptedException {
        Path number = folder.resolve("number");
        Process process = MpiLauncher.OPEN.start(folder, 2, program(
                "[ $OMPI_COMM_WORLD_RANK = 0 ] || echo $$ > " + number,
                training(text, "killed", "--epochs", "100000")));
        assertTrue(awaitEpochs(process, folder.resolve("killed")));
        ProcessHandle.of(Long.parseLong(Files.readString(number).strip())).orElseThrow().destroyForcibly();
        MpiLauncher.Job job = MpiLauncher.end(process, folder);
        assertEquals(BY_KILL, job.code(), job.err());
        requireToGoOn(folder.resolve("killed"));
    }

    @Test
    @SecondCircle("signals; ProcessTest has one process")
    void aSignalToTheLauncherStopsAllAndSaves() throws IOException, InterruptedException {
        Process process = MpiLauncher.OPEN.start(folder, 2, program(training(text, "stopped", "--epochs", "100000")));
        assertTrue(awaitEpochs(process, folder.resolve("stopped")));
        Signals.send(process.toHandle(), "USR1");
        MpiLauncher.Job job = MpiLauncher.end(process, folder);
        // A shell's exit code after SIGUSR1.
        assertEquals(138, job.code(), job.err());
        assertTrue(job.out().getLast().matches("interrupted (in|after) epoch .* to go on: .*"), job.out().getLast());
        requireToGoOn(folder.resolve("stopped"));
    }

    @Test
    @SecondCircle("more processes")
    void ranksWithDifferentTextsAreRefusedByName() throws IOException, InterruptedException {
        Tiny.text(folder, "0", "a cat sits\na dog runs\n");
        Tiny.text(folder, "1", "a cat sits\na dog rnus\n");
        MpiLauncher.Job job = MpiLauncher.OPEN.run(folder, 2, program("cd " + folder
                + "; set -- \"$@\" $OMPI_COMM_WORLD_RANK",
                List.of("train", "--device", "cpu", "--hidden", "4", "--batch-size", "2", "--out", "run")));
        assertEquals(1, job.code(), job.err());
        List<String> said = job.err().lines().filter(line -> line.startsWith("charlstm: ")).toList();
        assertEquals(1, said.size(), job.err());
        assertTrue(said.getFirst().matches("charlstm: rank 1 on host \\S+ has another text than rank 0; start all "
                + "ranks with the same program, files and options"), job.err());
        assertEquals(List.of(), job.out());
        assertTrue(Files.notExists(folder.resolve("run")));
    }

    /** A failure of all is reported by the first rank alone, a failure of one by that one; the job always ends. */
    @Test
    @Needs(Need.MPICH)
    @SecondCircle("processes; RefusalsTest has the lines")
    void wrongUsageIsSaidOnce() throws IOException, InterruptedException {
        String wrong = "--epochs: -1 epochs; there must be 0 or more";
        String rank = "${OMPI_COMM_WORLD_RANK:-$PMI_RANK}";
        String any = "charlstm: " + wrong;
        assertEquals(any, refusal(MpiLauncher.OPEN, "true"));
        assertEquals(any, refusal(MpiLauncher.MPICH, "true"));
        assertEquals(any, refusal(MpiLauncher.MPICH, "[ " + rank + " = 0 ]"));
        String other = refusal(MpiLauncher.MPICH, "[ " + rank + " = 1 ]");
        assertTrue(other.matches("charlstm: rank 1( on host \\S+)?: " + wrong), () -> "said: " + other);
    }

    /** While rank 0 writes sentences for the report, by the launcher that passes on what a rank aborts with. */
    @Test
    @Needs(Need.MPICH)
    @SecondCircle("signals; ProcessTest has one process")
    void aSignalAfterTheLastEpochIsTheExitCode() throws IOException, InterruptedException {
        Path number = folder.resolve("number");
        Process process = MpiLauncher.MPICH.start(folder, 2, program("[ $PMI_RANK = 1 ] || echo $$ > " + number,
                training(text, "ended", "--epochs", "1", "--sample-count", "1000000")));
        assertTrue(awaitEpochs(process, folder.resolve("ended")));
        Thread.sleep(500);
        ProcessHandle first = ProcessHandle.of(Long.parseLong(Files.readString(number).strip())).orElseThrow();
        Signals.send(first, "TERM");
        MpiLauncher.Job job = MpiLauncher.end(process, folder);
        assertEquals(143, job.code(), job.err());
        // The launcher may end before it.
        first.onExit().join();
        requireToGoOn(folder.resolve("ended"));
    }

    /** The time that others wait begins before MPI itself knows all ranks. */
    @Test
    @Order(Integer.MAX_VALUE)
    @Needs(Need.MPICH)
    @SecondCircle("a stalled process")
    void aRankThatNeverJoinsEndsTheJob() throws IOException, InterruptedException {
        for (MpiLauncher mpi : MpiLauncher.values()) {
            MpiLauncher.Job job = MpiLauncher.end(ALONE.get(mpi), beside.resolve(mpi.name()));
            // MPICH may give the code of the rank that it kills then.
            assertTrue(job.code() == 1 || (mpi == MpiLauncher.MPICH && job.code() == 9),
                    () -> job.code() + ": " + job.err());
            assertEquals(List.of("charlstm: not all 2 ranks have joined within 10 s; see whether each still runs and "
                    + "can be reached"), job.err().lines().filter(line -> line.startsWith("charlstm: ")).toList());
        }
    }

    /** The result of a wrong option that only some ranks are given. */
    private String refusal(MpiLauncher mpi, String whether) throws IOException, InterruptedException {
        MpiLauncher.Job job = mpi.run(folder, 2, program("if " + whether + "; then set -- \"$@\" --epochs -1; fi",
                training(text, "wrong")));
        assertEquals(2, job.code(), job.err());
        return job.err().lines().filter(line -> line.startsWith("charlstm: ")).collect(Collectors.joining("\n"));
    }
}
