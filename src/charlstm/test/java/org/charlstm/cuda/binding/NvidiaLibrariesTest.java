package org.charlstm.cuda.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.cli.Main;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Both bindings and the stand-ins, held to what NVIDIA's own cuDNN 9.1.0 and cuBLAS 12.4 say on a machine without a
 * GPU: run by {@code .ci/nvidia}.
 */
@InProcesses
@Needs(Need.NVIDIA)
class NvidiaLibrariesTest {
    @TempDir
    private Path folder;
    private Path libraries;

    @BeforeEach
    void find() throws IOException {
        libraries = NvidiaLibraries.named();
        assertTrue(Files.exists(NvidiaLibraries.SIMULATED.resolve("libcudnn.so.9")),
                "no simulated GPU in " + NvidiaLibraries.SIMULATED);
    }

    private List<String> ask(Path where, Map<String, String> environment, String binding, String what)
            throws IOException, InterruptedException {
        return NvidiaLibraries.run(folder.resolve("printed"), environment, LibraryCalls.class, binding, where, what);
    }

    /** Every symbol that a binding, or JCuda's native code, asks for is there: the loader resolves all at once here. */
    @ParameterizedTest
    @ValueSource(strings = {"panama", "jcuda"})
    void everySymbolIsThereAndVersionsAreTold(String binding) throws IOException, InterruptedException {
        assertEquals(List.of("cuDNN = 9.1.0",
                "built for = CudnnBuild[cuda=12040, newestCapability=OptionalInt[900]]", "cuBLAS = 12.4.5",
                "NVRTC = 12.4", "handle of cuDNN = 1001", "handle of cuBLAS = 1"),
                ask(libraries, Map.of("LD_BIND_NOW", "1"), binding, "versions"));
    }

    /**
     * The values that descriptors take, the refused ones with their status, and the names of statuses; where weights
     * lie; and by which status calls without a handle are refused.
     */
    @ParameterizedTest
    @CsvSource({"panama, descriptors, 6400", "jcuda, descriptors, 6400", "panama, weights, 100", "jcuda, weights, 100",
        "panama, calls, 18", "jcuda, calls, 18"})
    void nvidiasAnswersAreTheStandIns(String binding, String what, int least)
            throws IOException, InterruptedException {
        List<String> nvidias = ask(libraries, Map.of(), binding, what);
        List<String> standIns = ask(NvidiaLibraries.SIMULATED, NvidiaLibraries.AS_NVIDIAS, binding, what);
        for (int i = 0; i < Math.min(nvidias.size(), standIns.size()); i++) {
            assertEquals(nvidias.get(i), standIns.get(i), "NVIDIA's, and the stand-in's");
        }
        assertEquals(nvidias.size(), standIns.size());
        assertTrue(nvidias.size() >= least, nvidias.size() + " answers");
    }

    /** Which networks a description takes, how large each algorithm takes them, and where their weights lie. */
    @ParameterizedTest
    @ValueSource(strings = {"panama", "jcuda"})
    void networksAreTakenAsTheTableSays(String binding) throws IOException, InterruptedException {
        assertEquals(String.join("\n", NvidiaLibraries.recorded("networks.txt")),
                String.join("\n", ask(libraries, Map.of(), binding, "networks")));
    }

    /** Compares with the arguments in NVIDIA's own log. */
    @ParameterizedTest
    @ValueSource(strings = {"panama", "jcuda"})
    void everyArgumentArrivesAsItWasMeant(String binding) throws IOException, InterruptedException {
        Path cudnn = folder.resolve("cudnn.log");
        Path cublas = folder.resolve("cublas.log");
        ask(libraries, Map.of("CUDNN_LOGLEVEL_DBG", "3", "CUDNN_LOGDEST_DBG", cudnn.toString(), "CUBLAS_LOGINFO_DBG",
                "1", "CUBLAS_LOGDEST_DBG", cublas.toString()), binding, "calls");
        List<String> arrived = CallLog.calls(Files.readAllLines(cudnn));
        arrived.addAll(CallLog.calls(Files.readAllLines(cublas)));
        List<String> meant = NvidiaLibraries.recorded("calls.txt");
        assertEquals(String.join("\n", meant), String.join("\n", arrived));
    }

    /** With the simulated GPU's driver of CUDA 12, which is all that a machine without a GPU lacks. */
    @Test
    void doctorFindsThemInWheelsOfCuda12() throws IOException, InterruptedException {
        Path packages = NvidiaLibraries.wheels();
        Path python = Files.createDirectories(folder.resolve("bin")).resolve("python3");
        Files.writeString(python, "#!/bin/sh\necho '" + packages + "'\n");
        assertTrue(python.toFile().setExecutable(true));
        Map<String, String> environment = new HashMap<>(Map.of("PATH", python.getParent().toString(),
                "CHARLSTM_LIBCUDA", NvidiaLibraries.SIMULATED.resolve("libcuda.so.1").toString(),
                "CHARLSTM_SIM_DRIVER", "12040", "CHARLSTM_CACHE", folder.resolve("cache").toString()));
        String page = String.join("\n", NvidiaLibraries.run(folder.resolve("printed"), environment, Main.class,
                "doctor", "--cuda-binding", "jcuda"));
        for (String pattern : List.of("  GPU driver +CUDA 12.4, .*", "  cuBLAS +12.4.5, .*/cublas/lib/libcublas.so.12",
                "  cuDNN +9.1.0, .*/libcudnn.so.9", "  kernels 0 +compiled by NVRTC 12.4 \\(.*\\) for sm_90, .*",
                "  panama +serves, with cuBLAS 12.4.5", "  jcuda +serves, with cuBLAS 12.4.5")) {
            assertTrue(page.lines().anyMatch(line -> line.matches(pattern)), () -> pattern + " is not in\n" + page);
        }
    }
}
