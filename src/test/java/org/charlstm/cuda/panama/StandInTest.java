package org.charlstm.cuda.panama;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.charlstm.cuda.LibrarySearch;
import org.junit.jupiter.api.Test;

/** The simulated GPU has the functions that are called, and no others. */
class StandInTest {
    private static final Path NATIVE = Path.of("native");
    private static final Pattern EXPORT = Pattern.compile(
            "^(?:FORWARD\\([A-Z_]+, |EXPORT \\S+\\s(?:char\\* )?|extern \"C\" .*CUDAAPI )"
                    + "((?:cu|nvrtc|nccl)[A-Za-z0-9_]+)[ (,]",
            Pattern.MULTILINE);
    /**
     * Called by no binding: the search for cuDNN asks what it was built for, the probe calls the rest.
     */
    private static final List<String> OTHERS = List.of(
            "cublasGemmStridedBatchedEx", "cublasGetStatusName", "cudnnDropoutGetStatesSize",
            "cudnnGetTensorNdDescriptor", "cudnnGetCudartVersion", "cudnnGetMaxDeviceVersion",
            "cuMemHostAlloc", "cuMemFreeHost", "cuMemsetD8Async", "cuMemsetD16Async", "cuMemsetD2D32Async",
            "cuStreamQuery", "cuEventQuery", "cuCtxGetStreamPriorityRange", "cuStreamGetPriority",
            "cuFuncGetAttribute", "cuFuncGetParamInfo", "cuOccupancyMaxActiveBlocksPerMultiprocessor",
            "cuOccupancyMaxPotentialBlockSize", "cuLaunchKernelEx", "cuGraphExecUpdate_v2");

    @Test
    void exportsWhatIsBound() throws IOException {
        Set<String> exported = new TreeSet<>();
        for (String file : List.of("driver/shim.cpp", "cublas/shim.cpp", "cudnn/shim.cpp", "nccl/shim.cpp",
                "nvrtc/compiler.cpp")) {
            Matcher export = EXPORT.matcher(Files.readString(NATIVE.resolve(file)));
            while (export.find()) {
                exported.add(export.group(1));
            }
        }
        Set<String> bound = new TreeSet<>(OTHERS);
        for (Function<LibrarySearch.Found, Object> binding : Stub.BINDINGS) {
            Stub.functions(binding.apply(Stub.without())).forEach(function -> bound.add(function.name()));
        }
        bound.add("cuInit");
        assertEquals(bound, exported);
    }
}
