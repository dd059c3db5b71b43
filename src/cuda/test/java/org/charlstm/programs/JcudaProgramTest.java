package org.charlstm.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.machine.Installed;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs on JCuda without charlstm find the simulated GPU as the driver, and run the PTX of nvcc and NVRTC on it. */
@InProcesses
@Timeout(300)
@Needs({Need.SIMULATED_GPU, Need.JCUDA, Need.JAVAC})
class JcudaProgramTest {
    private static final String MODE = "charlstm sim: own kernels run as ";
    private static final Path PROGRAM = Path.of("src", "cuda", "test", "resources", "jcuda").toAbsolutePath();

    @TempDir
    private Path folder;

    @Test
    @Needs(Need.NVCC)
    void addsVectors() throws IOException, InterruptedException {
        compile("text.ptx", "-ptx", "-arch=compute_90");
        // As nvcc compresses by itself, and not.
        String[] several = {"-fatbin", "-gencode", "arch=compute_75,code=compute_75", "-gencode",
            "arch=compute_90,code=[sm_90,compute_90]"};
        compile("packed.fatbin", several);
        compile("plain.fatbin", Stream.concat(Stream.of(several), Stream.of("--no-compress")).toArray(String[]::new));
        List<String> said = run(program("VectorAdd.java", "text.ptx", "packed.fatbin", "plain.fatbin"), "off");
        String right = "1000 sums are right, by 1000 threads";
        assertEquals(Stream.of("loaded: " + right, "loaded: " + right, "loaded: " + right, "linked: " + right,
                "too many: CUDA_ERROR_ILLEGAL_ADDRESS").toList(), said.stream()
                        .filter(line -> !line.startsWith("charlstm sim: ")).toList());
        assertTrue(said.stream().anyMatch(line -> line.startsWith("charlstm sim: kernel vector_add: ")
                && line.contains("past an allocation of 4000")), said::toString);
    }

    /** To PTX, with a header, an option and the name of a template, and to machine code, which is PTX here. */
    @Test
    @Needs(Need.NVRTC)
    void nvidiasOwnNvrtcCompilesWhereItIs() throws IOException, InterruptedException {
        compilesAtRunTime(System.getenv("CHARLSTM_LIBNVRTC"));
    }

    @Test
    @Needs(Need.NVCC)
    @SecondCircle("another compiler")
    void nvccCompilesInItsPlace() throws IOException, InterruptedException {
        compilesAtRunTime("nvcc");
    }

    private void compilesAtRunTime(String nvrtc) throws IOException, InterruptedException {
        String plain = ": a card's machine code and speed are not shown";
        assertEquals(List.of(MODE + "PTX by nvcc, or whatever made it" + plain,
                "PTX: _Z5twiceIfEvPT_ gives [3.0, 5.0, 7.0]", MODE + "PTX by NVIDIA's own compiler" + plain,
                "machine code: [2.5, 4.5, 6.5]", "own.cu(1): error: identifier \"nowhere\" is undefined",
                "broken: NVRTC_ERROR_COMPILATION"),
                run(program("RunTimeCompiled.java"), nvrtc));
    }

    @Test
    @SecondCircle("another environment")
    void withoutBothALineSaysWhatIsMissing() throws IOException, InterruptedException {
        String why = "CHARLSTM_SIM_NVRTC=off keeps NVIDIA's NVRTC and nvcc away; unset it, or name the file of NVRTC";
        List<String> said = run(program("RunTimeCompiled.java"), "off");
        assertEquals(Stream.of("PTX", "machine code", "broken").flatMap(each -> Stream.of(
                "charlstm sim: nvrtcCompileProgram: " + why, "nvrtc: error: " + why,
                each + ": NVRTC_ERROR_COMPILATION")).toList(), said);
    }

    /** Each by the library's own status, and with one line however often it is called. */
    @Test
    void callsThatAreNotSimulatedLeaveTheProgramRunning() throws IOException, InterruptedException {
        String mipmap = "charlstm sim: cuMipmappedArrayDestroy is not simulated: it answers CUDA_ERROR_NOT_SUPPORTED";
        String blas = " is not simulated: it answers CUBLAS_STATUS_NOT_SUPPORTED";
        assertEquals(List.of(mipmap, "mipmap: CUDA_ERROR_NOT_SUPPORTED",
                "charlstm sim: cublasSswap_v2" + blas, "swap: CUBLAS_STATUS_NOT_SUPPORTED",
                "swap: CUBLAS_STATUS_NOT_SUPPORTED",
                "charlstm sim: cublasSgeam" + blas, "geam: CUBLAS_STATUS_NOT_SUPPORTED",
                "charlstm sim: cublasSdot" + blas, "old dot: NaN",
                "charlstm sim: nvrtcGetNumSupportedArchs is not simulated: it answers NVRTC_ERROR_INTERNAL_ERROR",
                "architectures: NVRTC_ERROR_INTERNAL_ERROR", "end: CUBLAS_STATUS_SUCCESS"),
                run(program("NotSimulated.java"), "off"));
    }

    private List<String> program(String source, String... arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
                .toString(), "--enable-native-access=ALL-UNNAMED", "-Djava.io.tmpdir=" + folder, "-cp", jcuda(),
                PROGRAM.resolve(source).toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Only JCuda's own and JCublas, of all that this test has. */
    private static String jcuda() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(path -> Path.of(path).getFileName().toString().matches("jcu(da|blas)-.*"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private void compile(String to, String... flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Installed.named("nvcc").toString()));
        command.addAll(List.of(flags));
        command.addAll(List.of("-o", to, PROGRAM.resolve("vector_add.cu").toString()));
        run(command, "off");
    }

    private List<String> run(List<String> command, String nvrtc) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        ProcessBuilder process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile());
        process.environment().put("LD_LIBRARY_PATH", Path.of("target", "native").toAbsolutePath().toString());
        process.environment().put("CHARLSTM_SIM_NVRTC", nvrtc);
        int code = process.start().waitFor();
        List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
        assertEquals(0, code, lines::toString);
        return lines;
    }
}
