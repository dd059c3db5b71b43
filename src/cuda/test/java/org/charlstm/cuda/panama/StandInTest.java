package org.charlstm.cuda.panama;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.charlstm.cuda.binding.Cublas;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.Cudnn;
import org.charlstm.cuda.binding.NvidiaLibrary;
import org.junit.jupiter.api.Test;

/** The simulated GPU has the functions that are called, and no others; the one that does nothing has enough of them. */
class StandInTest {
    private static final Path NATIVE = Path.of("native");
    private static final Pattern EXPORT = Pattern.compile(
            "^(?:FORWARD\\([A-Z_]+, |EXPORT \\S+\\s(?:char\\* )?|extern \"C\" .*CUDAAPI )"
                    + "((?:cu|nvrtc|nccl)[A-Za-z0-9_]+)[ (,]",
            Pattern.MULTILINE);
    private static final Pattern NULL_GPU =
            Pattern.compile("^(?:(?:CALL|MAKE)\\(|EXPORT \\w+ )(cu\\w+)", Pattern.MULTILINE);
    /**
     * Called by no binding: the search for cuDNN asks what it was built for, the probe and programs call the rest.
     */
    private static final List<String> OTHERS = List.of("cublasGetStatusName", "cudnnGetTensorNdDescriptor",
            "cudnnGetCudartVersion", "cudnnGetMaxDeviceVersion", "cuMemsetD8Async",
            "cuStreamGetPriority", "cuCtxCreate_v2", "cuCtxCreate_v3", "cuCtxCreate_v4", "cuCtxDestroy_v2",
            "cuCtxGetCurrent", "cuCtxGetDevice", "cuCtxPopCurrent_v2", "cuCtxPushCurrent_v2", "cuCtxSynchronize",
            "cuDeviceComputeCapability", "cuDevicePrimaryCtxGetState", "cuFuncGetModule", "cuFuncSetCacheConfig",
            "cuGetExportTable",
            "cuLaunchCooperativeKernel", "cuLinkAddData_v2", "cuLinkAddFile_v2", "cuLinkComplete", "cuLinkCreate_v2",
            "cuLinkDestroy", "cuMemAllocHost_v2", "cuMemcpyDtoD_v2", "cuMemcpyDtoH_v2", "cuMemcpyHtoD_v2",
            "cuMemsetD16_v2", "cuMemsetD32_v2", "cuMemsetD8_v2", "cuModuleEnumerateFunctions",
            "cuModuleGetFunctionCount", "cuModuleGetGlobal_v2", "cuModuleLoad", "cuModuleLoadDataEx",
            "cuModuleLoadFatBinary", "cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags", "cuStreamAddCallback",
            "cuStreamCreate", "nvrtcAddNameExpression", "nvrtcGetErrorString", "nvrtcGetLoweredName", "nvrtcGetPTX",
            "nvrtcGetPTXSize");

    @Test
    void exportsWhatIsBound() throws IOException {
        Set<String> exported = new TreeSet<>();
        for (String file : List.of("driver/shim.cpp", "cublas/shim.cpp", "cublas/lt_shim.cpp", "cudnn/shim.cpp",
                "nccl/shim.cpp", "nvrtc/compiler.cpp")) {
            exported.addAll(names(EXPORT, NATIVE.resolve(file)));
        }
        Set<String> bound = new TreeSet<>(OTHERS);
        for (Class<? extends NvidiaLibrary> table : Stub.TABLES) {
            PanamaCalls.functions(table).forEach(function -> bound.add(function.getName()));
        }
        bound.removeIf(name -> name.startsWith("charlstm_"));
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
