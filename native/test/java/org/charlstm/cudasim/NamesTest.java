package org.charlstm.cudasim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every name of NVIDIA's libraries that {@code native/names} lists is in the simulated GPU's, simulated or not. */
@Needs(Need.SIMULATED_GPU)
@SuppressWarnings("restricted")
class NamesTest {
    private static final Path LISTS = Path.of("native", "names");
    private static final Path LIBRARIES = Path.of("target", "native").toAbsolutePath();

    @Test
    void everyListedNameIsInItsLibraries() throws IOException {
        List<String> missing = new ArrayList<>();
        int found = 0;
        for (Path library : files(LIBRARIES, ".so.")) {
            Path list = LISTS.resolve(library.getFileName().toString().replaceFirst("\\.so.*", ".txt"));
            SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
            for (String name : Files.exists(list) ? Files.readAllLines(list) : List.<String>of()) {
                if (!name.startsWith("#") && symbols.find(name.replaceFirst(" = .*", "")).isEmpty()) {
                    missing.add(library.getFileName() + ": " + name);
                } else {
                    found++;
                }
            }
        }
        assertEquals(List.of(), missing);
        assertTrue(found > 2500, () -> "the lists hold few names");
    }

    @ParameterizedTest
    @CsvSource({"libcuda.so.1, cuImportExternalMemory, 801, CUDA_ERROR_NOT_SUPPORTED",
        "libcublas.so.12, cublasSswap_v2, 15, CUBLAS_STATUS_NOT_SUPPORTED",
        "libcublas.so.13, cublasSgeam, 15, CUBLAS_STATUS_NOT_SUPPORTED",
        "libcublasLt.so.13, cublasLtMatrixTransform, 15, CUBLAS_STATUS_NOT_SUPPORTED",
        "libcudnn.so.9, cudnnConvolutionForward, 3000, CUDNN_STATUS_NOT_SUPPORTED"})
    void whatIsNotSimulatedAnswersSo(String library, String name, int status, String statusName) throws Throwable {
        assertEquals(status, (int) call(library, name, ValueLayout.JAVA_INT));
        assertEquals("charlstm sim: " + name + " is not simulated: it answers " + statusName,
                text(call("libcharlstm-sim.so", "charlstm_sim_last_error", ValueLayout.ADDRESS)));
    }

    /** NVRTC has no status for it. */
    @Test
    void theCompilerAnswersAnInternalError() throws Throwable {
        assertEquals(11, (int) call("libnvrtc.so.12", "nvrtcGetLTOIRSize", ValueLayout.JAVA_INT));
    }

    /** Those of cuBLAS before its handles give their result; nobody may take a status for one. */
    @Test
    void aFunctionOfRealNumbersGivesNone() throws Throwable {
        assertTrue(Float.isNaN((float) call("libcublas.so.12", "cublasSdot", ValueLayout.JAVA_FLOAT)));
        assertTrue(Double.isNaN((double) call("libcublas.so.12", "cublasDnrm2", ValueLayout.JAVA_DOUBLE)));
    }

    @Test
    void whatGivesATextGivesOne() throws Throwable {
        assertEquals("CUBLAS_STATUS_NOT_SUPPORTED", text(invoke("libcublas.so.13", "cublasGetStatusString",
                FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT), 15)));
        for (String function : List.of("cublasLtGetStatusName", "cublasLtGetStatusString")) {
            assertEquals("CUBLAS_STATUS_NOT_SUPPORTED", text(invoke("libcublasLt.so.13", function,
                    FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT), 15)));
        }
        assertEquals(12060L, call("libcublas.so.12", "cublasGetCudartVersion", ValueLayout.JAVA_LONG));
        assertEquals(13000L, call("libcublasLt.so.13", "cublasLtGetCudartVersion", ValueLayout.JAVA_LONG));
    }

    /** By the name without a version, as programs ask for it. */
    @ParameterizedTest
    @CsvSource({"cuMipmappedArrayDestroy, 0, true", "cuMulticastCreate, 0, true", "cuMemAllocPitch, 2, true",
        "cuNoSuchCall, 0, false", "cuserid, 0, false"})
    void theDriverHandsThemOn(String name, long flags, boolean there) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment function = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment how = arena.allocate(ValueLayout.JAVA_INT);
            assertEquals(0, (int) invoke("libcuda.so.1", "cuGetProcAddress_v2",
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
                    arena.allocateFrom(name), function, 13000, flags, how));
            assertEquals(there, function.get(ValueLayout.JAVA_LONG, 0) != 0);
            assertEquals(there ? 0 : 1, how.get(ValueLayout.JAVA_INT, 0));
        }
    }

    private static Object call(String library, String name, MemoryLayout result) throws Throwable {
        return invoke(library, name, FunctionDescriptor.of(result));
    }

    private static Object invoke(String library, String name, FunctionDescriptor type, Object... arguments)
            throws Throwable {
        SymbolLookup symbols = SymbolLookup.libraryLookup(LIBRARIES.resolve(library), Arena.global());
        return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), type).invokeWithArguments(arguments);
    }

    private static String text(Object address) {
        return ((MemorySegment) address).reinterpret(Long.MAX_VALUE).getString(0);
    }

    private static List<Path> files(Path folder, String part) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().contains(part)).toList();
        }
    }
}
