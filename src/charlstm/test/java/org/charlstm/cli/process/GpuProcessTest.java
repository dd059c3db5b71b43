package org.charlstm.cli.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.cli.Main;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.cuda.Precision;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.QuickStart;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tool where the simulated GPU fails, warns or lacks a library, in processes of their own. */
@InProcesses
@Order(3)
@Needs(Need.SIMULATED_GPU)
class GpuProcessTest {
    private static final Path NATIVE = Path.of("target", "native").toAbsolutePath();
    private static final String CLASS_PATH = System.getProperty("java.class.path");
    private static final Map<String, String> WHOLE = Map.of("CHARLSTM_SIM", NATIVE.toString(), "CHARLSTM_SIM_ORDERS",
            "one");

    private static final Object[] DOCTOR = {"doctor", "--cuda-binding", "jcuda"};

    @TempDir
    private Path folder;

    private static Object[] training(Object... more) {
        return Tiny.with(new Object[] {"train", "--device", "cudasim", "--max-samples", 5, "--epochs", 2, "--hidden", 4,
            "--dense", 4, "--batch-size", 2, "--out", "run"}, more);
    }

    private Tool train(Map<String, String> environment, Object... more) throws IOException, InterruptedException {
        return Jvm.run(folder, environment, training(more));
    }

    private List<Tool> runAll(Map<String, String> environment, List<Object[]> lines)
            throws IOException, InterruptedException {
        return Jvm.runAll(folder, environment, QuickStart.withTests(), lines);
    }

    private static Map<String, String> with(Map<String, String> environment, String name, String value) {
        return Stream.concat(environment.entrySet().stream(), Stream.of(Map.entry(name, value)))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** The simulated GPU's libraries but some. */
    private Map<String, String> without(String... names) throws IOException {
        Path libraries = Files.createDirectory(folder.resolve("libraries"));
        try (Stream<Path> files = Files.list(NATIVE)) {
            for (Path file : files.filter(each -> !Set.of(names).contains(each.getFileName().toString())).toList()) {
                if (Files.isDirectory(file)) {
                    Files.createSymbolicLink(libraries.resolve(file.getFileName()), file.toAbsolutePath());
                } else {
                    Files.copy(file, libraries.resolve(file.getFileName()));
                }
            }
        }
        return Map.of("CHARLSTM_SIM", libraries.toString(), "CHARLSTM_SIM_ORDERS", "one", "CHARLSTM_LIBCUDA",
                "/nonexistent", "CHARLSTM_CACHE", folder.resolve("cache").toString());
    }

    private static void requireLine(String text, String pattern) {
        assertTrue(text.lines().anyMatch(line -> line.matches(pattern)), () -> pattern + " is not in\n" + text);
    }

    /** Standard error is this one line. */
    private static void requireError(int code, String pattern, Tool tool) {
        assertEquals(code, tool.code(), tool.toString());
        assertTrue(tool.err().matches(pattern), tool.err());
    }

    /** The advice is found without the memory of the failed attempt, and no folder is left. */
    @ParameterizedTest
    @CsvSource({
        "16, 'free what is not needed, or take less at a time; .*; --batch-size 4 fits, for as large an update with "
                + "--accumulate 2'",
        "5, 'take less of the text, or shorter rows, .* \\(--max-samples, --max-caption, --window\\)'"})
    @SecondCircle("a process; BenchCommandTest and FaultTest have such failures")
    void tooLittleMemoryNamesABatchThatFits(int allocation, String advice) throws Exception {
        Path out = folder.resolve("run");
        requireError(Main.FAILED, "charlstm: cuMemAlloc_v2 failed with .* do not fit beside the .* are free; " + advice,
                Jvm.run(folder, with(WHOLE, "CHARLSTM_SIM_FAULTS", "oom:" + allocation), Tiny.training(
                        Tiny.text(folder), out, "--device", "cudasim", "--rnn-algo", "standard")));
        assertFalse(Files.exists(out));
    }

    /** Even where no epoch follows. */
    @Test
    @SecondCircle("another process")
    void aCardNewerThanCudnnIsWarnedOfOnceAndInTheDescription() throws Exception {
        requireError(0, "charlstm: warning: .*/libcudnn.so.9 is cuDNN 9.13.0, which has code for compute capabilities "
                + "up to 8.9, and this GPU has 9.0: .*",
                Jvm.run(folder, with(WHOLE, "CHARLSTM_SIM_CUDNN_CAPABILITY",
                        "890"), "train", "--device", "cudasim", "--rnn-algo", "standard", "--max-samples", 2,
                        "--epochs", 0, "--hidden", 4, "--out", "run"));
        assertTrue(Files.readString(folder.resolve("run/run.json")).contains("up to 8.9, and this GPU has 9.0"));
    }

    /** Two shapes, neither of which can be recorded, for the same reason. */
    @Test
    @SecondCircle("a process; FaultTest has such steps")
    void aStepThatCannotBeRecordedIsWarnedOfOnceAndTrainsOn() throws Exception {
        Tool tool = train(with(WHOLE, "CHARLSTM_SIM_RNN", "0:capture:5000"), "--rnn-algo", "standard");
        requireError(0, "charlstm: warning: steps run call by call, not as one recorded graph: cudnnRNNForward failed "
                + "with status 5000 \\(CUDNN_STATUS_EXECUTION_FAILED.*", tool);
        assertTrue(tool.out().contains("\nepoch 2/2 "), tool.out());
    }

    /** Own kernels run hard sigmoids anyway, and where they are asked for: then there is nothing to warn of. */
    @Test
    @SecondCircle("a process; RnnEnginesTest has the engines without cuDNN")
    void withoutCudnnTrainingRunsOnOwnKernelsAndWarnsOnce() throws Exception {
        List<String> refused = List.of("rnn-algo standard", "rnn-engine cudnn");
        List<Precision> precisions = List.of(Precision.values());
        List<String> silent = List.of("recurrent-activation hard_sigmoid", "rnn-engine plain", "rnn-engine fused");
        List<String> all = Stream.of(refused.stream(), precisions.stream().map(each -> "precision " + each),
                silent.stream()).flatMap(each -> each).toList();
        List<Tool> tools = runAll(without("libcudnn.so.9"), IntStream.range(0, all.size())
                .mapToObj(i -> Stream.of(training((Object[]) ("--" + all.get(i)).split(" ", -1)))
                        .map(word -> word.equals("run") ? "run-" + i : word).toArray())
                .toList());
        for (int i = 0; i < all.size(); i++) {
            Tool tool = tools.get(i);
            assertEquals(i >= refused.size(), Files.exists(folder.resolve("run-" + i + "/model.safetensors")));
            if (i < refused.size()) {
                requireError(Main.FAILED, "charlstm: " + all.get(i) + " needs cuDNN: .*/libcudnn.so.9 does not exist; "
                        + "auto does without it \\(--" + all.get(i).replaceFirst(" .*", "") + "\\)\n", tool);
            } else if (i < refused.size() + precisions.size()) {
                requireError(0, "charlstm: warning: charlstm's own kernels run the LSTM, which is slower than through "
                        + "cuDNN: .*/libcudnn.so.9 does not exist\n", tool);
                assertTrue(tool.out().contains("\nepoch 2/2 ")
                        && tool.out().contains(", no cuDNN, " + precisions.get(i - refused.size()) + ", ")
                        && tool.out().matches("(?s).*\nLSTM \\d+ x 2, 4 units: plain\n.*"), tool.out());
            } else {
                requireError(0, "", tool);
            }
        }
    }

    @Test
    @SecondCircle("a process; DoctorTest has both bindings")
    void whereBothBindingsServeAutoTakesPanama() throws Exception {
        Map<String, String> environment = with(WHOLE, "CHARLSTM_CACHE", folder.resolve("cache").toString());
        List<Tool> tools = runAll(environment, List.of(DOCTOR, training(),
                training("--cuda-binding", "jcuda", "--force")));
        requireLine(tools.get(0).out(), "  panama +serves, with cuBLAS 13.0.2");
        requireLine(tools.get(0).out(), "  jcuda +serves, with cuBLAS 12.6.0");
        requireLine(tools.get(1).out(), "training on cudasim .*, through panama\\).*");
        requireLine(tools.get(2).out(), "training on cudasim .*, through jcuda\\).*");
    }

    @Test
    @SecondCircle("another process")
    void withCuda13AloneJcudaLacksItsCublas() throws Exception {
        Map<String, String> environment = without("libcublas.so.12");
        List<Tool> tools = runAll(environment, List.of(new Object[] {"doctor"}, DOCTOR,
                training("--cuda-binding", "jcuda")));
        requireLine(tools.get(0).out(), "cudasim: here; .*");
        String doctor = tools.get(1).out();
        requireLine(doctor, "cudasim: not here");
        requireLine(doctor, "  panama +serves, with cuBLAS 13.0.2");
        requireLine(doctor, "  jcuda +missing: JCuda 12.6 asks for libcublas.so.12: .*libcublas.so.12 does not exist");
        requireError(Main.FAILED, "charlstm: device 'cudasim' is not here: JCuda 12.6 asks for libcublas.so.12: .*\n",
                tools.get(2));
    }

    /** A cuBLAS of the right name that lacks the functions which are called. */
    @Test
    @Needs({Need.GXX, Need.JCUDA})
    @SecondCircle("another process")
    void whatPanamaCannotUseJcudaMay() throws Exception {
        Map<String, String> environment = without("libcublas.so.13");
        assertEquals(0, new ProcessBuilder("g++", "-shared", "-Wl,-soname,libcublas.so.13", "-x", "c++", "/dev/null",
                "-o", folder.resolve("libraries/libcublas.so.13").toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor());
        List<Tool> tools = runAll(environment, List.of(new Object[] {"doctor"}, training()));
        requireLine(tools.get(0).out(), "  panama +missing: .*libcublas.so.13 lacks .*");
        requireLine(tools.get(1).out(), "training on cudasim .*, through jcuda\\).*");
    }

    @Test
    @SecondCircle("another process")
    void aCublasOfAnotherVersionThatIsNamedIsNotTakenForJcudas() throws Exception {
        requireLine(Jvm.run(folder, Map.of("CHARLSTM_LIBCUDA", NATIVE.resolve("libcuda.so.1").toString(),
                "CHARLSTM_LIBCUBLAS", NATIVE.resolve("libcublas.so.13").toString(), "CHARLSTM_LIBCUDNN",
                NATIVE.resolve("libcudnn.so.9").toString(), "CHARLSTM_CACHE", folder.resolve("cache").toString()),
                "doctor", "--cuda-binding", "jcuda").out(),
                "  jcuda +missing: JCuda 12.6 asks for libcublas.so.12, and .*libcublas.so.13 is another version");
    }

    @Test
    @SecondCircle("a process without JCuda's jars")
    void withoutJcudasJarsAllElseWorks() throws Exception {
        String bare = Stream.of(CLASS_PATH.split(File.pathSeparator))
                .filter(part -> !Path.of(part).getFileName().toString().matches("jcu.*\\.jar"))
                .collect(Collectors.joining(File.pathSeparator));
        assertFalse(bare.equals(CLASS_PATH), bare);
        List<Tool> tools = Jvm.runAll(folder, WHOLE, bare, List.of(DOCTOR, training(),
                training("--cuda-binding", "jcuda", "--force")));
        requireLine(tools.get(0).out(), "  jcuda +missing: JCuda's jars are not on the class path, .*");
        requireLine(tools.get(1).out(), "training on cudasim .*, through panama\\).*");
        requireError(Main.FAILED, "charlstm: device 'cudasim' is not here: JCuda's jars are not on the class path, .*"
                + "\n", tools.get(2));
    }
}
