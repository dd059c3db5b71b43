package org.charlstm.cli.process;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jdk.incubator.vector.FloatVector;
import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.cli.Main;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.host.HostMemory;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.Profiler;
import org.charlstm.machine.QuickStart;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.FewerCases;
import org.charlstm.selftest.Tolerances;
import org.charlstm.selftest.models.ModelSelfTest;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The processor with narrow vectors, without vectors, and with little memory, in processes of their own. */
@InProcesses
@Order(3)
@Tag("long")
class CpuProcessTest {
    private static final String CLASS_PATH = System.getProperty("java.class.path");

    @TempDir
    private Path folder;

    private Tool run(List<String> flags, Object... arguments) throws IOException, InterruptedException {
        return Jvm.run(folder, null, flags, CLASS_PATH, arguments);
    }

    /** As on processors with AVX2 alone, and with SSE or NEON. The machine's own width has a test in this process. */
    @ParameterizedTest
    @ValueSource(ints = {32, 16})
    @SecondCircle("narrower vectors than the machine's; OperationsContractTest and ModelsContractTest have these")
    void narrowerVectorsComputeTheSame(int bytes) throws IOException, InterruptedException {
        Assumptions.assumeTrue(bytes < FloatVector.SPECIES_PREFERRED.vectorByteSize(), "not narrower here");
        Path log = folder.resolve("log");
        int code = new ProcessBuilder(QuickStart.java(), "-XX:MaxVectorSize=" + bytes, "--add-modules",
                "jdk.incubator.vector", "-cp", CLASS_PATH, Checks.class.getName(), String.valueOf(bytes))
                .redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
        String said = Files.readString(log);
        assertEquals(0, code, said);
        assertTrue(said.contains(", " + 8 * bytes + "-bit vectors, ") && said.contains("\nproduct: "), said);
    }

    /** The small checks of the selftest on the processor; an argument says of which width, for another turn each. */
    static final class Checks {
        private Checks() {
        }

        public static void main(String[] width) {
            boolean passed = true;
            try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT)) {
                System.out.println(device.description());
                for (Check check : FewerCases.small(ModelSelfTest.checks(Tolerances.FLOAT32),
                        Integer.parseInt(width[0]) / 16)) {
                    // 37 and 3 units leave a part of any vector, and less than one.
                    Check.Outcome outcome = new Check(check.name(), check.tolerance(), check.cases().stream()
                            .filter(one -> !one.toString().matches(".*H (1\\d\\d|64).*")).toList()).run(device);
                    System.out.println(outcome.name() + ": " + outcome);
                    passed &= outcome.passed();
                }
            }
            System.exit(passed ? 0 : Main.FAILED);
        }
    }

    /** The tool's lines stand between them. */
    @Test
    @Needs(Need.GXX)
    @SecondCircle("a process; NvtxTest has the library's ranges")
    void aProfilerSeesEpochsAndSteps() throws IOException, InterruptedException {
        String profiler = Profiler.build(folder, "g++", "-fPIC").toString();
        Tool trained = Jvm.run(folder, Map.of(Profiler.VARIABLE, profiler), Jvm.VECTORS, CLASS_PATH, "train",
                "--max-samples", 4, "--batch-size", 2, "--epochs", 2, "--hidden", 4, "--out", "run");
        List<String> begun = trained.out().lines().filter(line -> line.matches("range \\d+ is .*"))
                .map(line -> line.replaceFirst(".* is ", "")).toList();
        // Further ones are those of the report, which times operations.
        assertEquals(List.of("epoch 1", "step", "step", "epoch 2", "step", "step"), begun.subList(0, 6));
        assertEquals(begun.size(), trained.out().lines().filter(line -> line.matches("range \\d+ ends")).count());
    }

    @Test
    void withoutTheVectorModuleItRunsAndNamesTheFlag() throws IOException, InterruptedException {
        Tool trained = run(List.of(), "train", "--max-samples", 4, "--epochs", 1, "--hidden", 4, "--out", "run");
        assertEquals(0, trained.code(), trained.toString());
        assertTrue(trained.out().matches("(?s).*device reference: .*--add-modules jdk\\.incubator\\.vector.*"),
                trained.out());
        Tool sampled = run(List.of(), "sample", "run");
        assertEquals(0, sampled.code(), sampled.toString());
        assertTrue(sampled.err().matches("charlstm: computing on reference: .*--add-modules jdk.incubator.vector.*"),
                sampled.err());
    }

    /** A program of the library's user. */
    static final class Program {
        private Program() {
        }

        public static void main(String[] names) {
            Stream.of(names).forEach(name -> Devices.open(name, DeviceOptions.DEFAULT).close());
        }
    }

    /** Where nobody prints why the device was taken; what is asked for by name is worth no warning. */
    @Test
    @SecondCircle("another process; withoutTheVectorModuleItRunsAndNamesTheFlag has the tool's line")
    void withoutTheVectorModuleTheLibraryWarns() throws IOException, InterruptedException {
        Path log = folder.resolve("log");
        for (boolean without : List.of(true, false)) {
            List<String> line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
                    .toString(), "-XX:TieredStopAtLevel=1", "-cp", CLASS_PATH));
            line.addAll(without ? List.of() : List.of("--add-modules", "jdk.incubator.vector"));
            line.addAll(List.of(Program.class.getName(), "auto", "reference"));
            assertEquals(0, new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log.toFile()).start()
                    .waitFor());
            List<String> warnings = Files.readAllLines(log).stream().filter(said -> said.contains("computing on"))
                    .toList();
            assertEquals(without ? 1 : 0, warnings.size(), warnings.toString());
            assertTrue(warnings.stream().allMatch(said -> said.startsWith("WARNING: computing on reference: ")
                    && said.contains("--add-modules jdk.incubator.vector")), warnings.toString());
        }
    }

    /** A million captions, 14 MB of text, whose padded rows would be 76 MB as ints. */
    @Test
    @SecondCircle("a million captions in a small JVM; anArrayThatDoesNotFitIsALine has the line")
    void aLargeTextFitsAndABatchThatDoesNotFitIsOneLine() throws Exception {
        Path text = Tiny.text(folder, "large.txt", (String.join("\n", Tiny.CAPTIONS) + "\n").repeat(50_000));
        List<String> flags = Stream.concat(Jvm.VECTORS.stream(), Stream.of("-Xmx60m")).toList();
        Path out = folder.resolve("run");
        for (int batch : new int[] {64, 1_000_000}) {
            Tool tool = run(flags, "train", text, "--out", out, "--device", "cpu", "--threads", 1, "--epochs", 0,
                    "--hidden", 8, "--dense", 8, "--batch-size", batch, "--force");
            assertEquals(batch == 64 ? 0 : Main.FAILED, tool.code(), tool.toString());
            assertTrue(tool.err().matches(batch == 64 ? "" : "charlstm: a buffer of [0-9.]+ MiB does not fit in the "
                    + "JVM's memory, which is 6[0-9]\\.0 MiB; .*; a row has 18 steps, fewer by --max-caption; "
                    + "--batch-size [0-9]+ fits, for as large an update with --accumulate [0-9]+"), tool.toString());
            assertEquals(batch == 64, Files.exists(out.resolve("model.safetensors")));
            Files.deleteIfExists(out.resolve("model.safetensors"));
        }
    }

    /** Where there is too little even to word the failure. */
    @Test
    void withoutAnyMemoryThereIsALine() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        assertEquals(3, Main.orNoMemory(err, () -> 3));
        assertEquals("", err.toString(StandardCharsets.UTF_8));
        assertEquals(Main.FAILED, Main.orNoMemory(err, () -> {
            throw new OutOfMemoryError("a test's own");
        }));
        assertEquals("charlstm: out of memory; give the JVM more with JDK_JAVA_OPTIONS=-Xmx...\n",
                err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void anArrayThatDoesNotFitIsALine() {
        assertRefused("a buffer of 2.0 MiB does not fit", () -> HostMemory.array(1 << 19, Integer.BYTES, length -> {
            throw new OutOfMemoryError("none left");
        }));
        assertRefused("larger than a Java array", () -> HostMemory.array(1L << 31, Integer.BYTES, int[]::new));
    }
}
