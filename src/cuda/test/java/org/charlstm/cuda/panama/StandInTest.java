package org.charlstm.cuda.panama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cuda.binding.Cublas;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.Cudnn;
import org.charlstm.cuda.binding.NvidiaLibrary;
import org.junit.jupiter.api.Test;

/**
 * The simulated GPU has the functions that are called and no others, but for the driver, which serves programs too; the
 * one that does nothing has enough of them.
 */
class StandInTest {
    private static final Path NATIVE = Path.of("native");
    private static final Pattern EXPORT = Pattern.compile(
            "^(?:(?:STREAM_|DEFAULT_)?CALL\\([A-Z_]+, |OWN_(?:STREAM_)?CALL\\("
                    + "|EXPORT \\S+\\s(?:char\\* )?"
                    + "|extern \"C\" .*CUDAAPI )"
                    + "((?:cu|nvrtc|nccl)[A-Za-z0-9_]+)[ (,]",
            Pattern.MULTILINE);
    private static final Pattern NULL_GPU =
            Pattern.compile("^(?:(?:CALL|MAKE)\\(|EXPORT \\w+ )(cu\\w+)", Pattern.MULTILINE);
    private static final Path DRIVER = NATIVE.resolve("api/driver_calls.h");
    /** Called by no binding: the search for cuDNN asks what it was built for, the probe and programs call the rest. */
    private static final List<String> OTHERS = List.of("cublasGetStatusName", "cublasGetStatusString",
            "cublasGetCudartVersion", "cublasLtGetStatusName", "cublasLtGetStatusString", "cublasLtGetCudartVersion",
            "cublasSgemmStridedBatched", "cublasSaxpy_v2", "cublasDaxpy_v2", "cublasSdot_v2", "cublasDdot_v2",
            "cudnnGetTensorNdDescriptor", "cudnnGetCudartVersion",
            "cudnnGetMaxDeviceVersion",
            "nvrtcAddNameExpression", "nvrtcGetErrorString", "nvrtcGetLoweredName", "nvrtcGetPTX", "nvrtcGetPTXSize");

    @Test
    void exportsWhatIsBound() throws IOException {
        Set<String> exported = new TreeSet<>();
        for (String file : List.of("api/cublas_calls.h", "cublas/shim.cpp", "api/cublaslt_calls.h",
                "cublas/lt_shim.cpp", "api/cudnn_calls.h", "cudnn/shim.cpp", "api/nccl_calls.h", "nccl/shim.cpp",
                "nvrtc/compiler.cpp")) {
            exported.addAll(names(EXPORT, NATIVE.resolve(file)));
        }
        Set<String> bound = new TreeSet<>(OTHERS);
        for (Class<? extends NvidiaLibrary> table : Stub.TABLES) {
            PanamaCalls.functions(table).forEach(function -> bound.add(function.getName()));
        }
        bound.removeIf(name -> name.startsWith("charlstm_"));
        Set<String> driver = names(EXPORT, DRIVER);
        PanamaCalls.functions(CudaDriver.class).forEach(function -> {
            String name = function.getName();
            assertTrue(name.startsWith("charlstm_") || driver.contains(name), name);
        });
        bound.removeAll(driver);
        assertEquals(bound, exported);
    }

    private static Set<String> names(Pattern export, Path source) throws IOException {
        return export.matcher(Files.readString(source)).results().map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Benchmarks of the bindings run on it. */
    @Test
    void theGpuThatDoesNothingHasWhatMustBeThere() throws IOException {
        Set<String> missing = new TreeSet<>();
        for (Class<? extends NvidiaLibrary> table : List.of(CudaDriver.class, Cublas.class, Cudnn.class)) {
            PanamaCalls.functions(table).forEach(function -> missing.add(function.getName()));
        }
        missing.removeAll(names(NULL_GPU, Path.of("bench", "nullgpu", "null_gpu.c")));
        missing.removeAll(MissingFunctionTest.OPTIONAL);
        assertEquals(Set.of(), missing);
    }
}
