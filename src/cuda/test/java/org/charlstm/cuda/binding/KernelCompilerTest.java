package org.charlstm.cuda.binding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.cuda.CompilationException;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiling anew, keeping, and giving the compiler its headers. */
class KernelCompilerTest {
    private static final CudaSource TEXT = CudaSource.of("k.cu", "#include <only_here.h>\n#include \"mine.h\"\n")
            .withHeader("mine.h", "# include \"parts/other.cuh\"\n");

    @TempDir
    private Path folder;
    private final List<List<String>> compiled = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private String refusal = "";

    @BeforeEach
    void none() {
        environment.put("CHARLSTM_CACHE", folder.resolve("cache").toString());
        environment.put("CUDA_HOME", folder.resolve("cuda").toString());
    }

    private Nvrtc.Code compile(CudaSource source) {
        FakeNvrtc nvrtc = (_, name, _, options) -> {
            compiled.add(options.subList(KernelCompiler.options(90).size(), options.size()));
            if (!refusal.isEmpty()) {
                throw new CompilationException(name,
                        new CudaException("nvrtcCompileProgram", new CudaException.Status(6,
                                "NVRTC_ERROR_COMPILATION", "", false, true), ""),
                        refusal);
            }
            return "code".getBytes(StandardCharsets.UTF_8);
        };
        return KernelCompiler.of(nvrtc.at(folder.resolve("none/lib/libnvrtc.so.13").toString(), () -> 13000), 13000,
                environment, 90).compile(source);
    }

    private Path headers(String root, int version, String... names) throws IOException {
        Path include = Files.createDirectories(folder.resolve(root));
        if (version > 0) {
            Files.writeString(include.resolve("cuda_runtime_api.h"), "#define CUDART_VERSION  " + version + "\n");
        }
        for (String name : names) {
            Files.createDirectories(include.resolve(name).getParent());
            Files.writeString(include.resolve(name), "");
        }
        return include;
    }

    @Test
    void namesAreKeptWithTheCode() {
        CudaSource source = CudaSource.of("k.cu", "text").withNames("ns::b", "a<int, 3>");
        Map<String, String> names = Map.of("ns::b", "lowered ns::b", "a<int, 3>", "lowered a<int, 3>");
        for (int i = 0; i < 2; i++) {
            Nvrtc.Code code = compile(source);
            assertEquals(names, code.names());
            assertArrayEquals("code".getBytes(StandardCharsets.UTF_8), code.image());
        }
        assertEquals(1, compiled.size());
        compile(CudaSource.of("k.cu", "text").withNames("ns::b"));
        assertEquals(Map.of(), compile(CudaSource.of("k.cu", "text")).names());
        assertEquals(3, compiled.size());
    }

    /** Of two places that of NVRTC's CUDA; the code is kept, until the headers are of another. */
    @Test
    void headersOfCudaAreFoundAndAreAPartOfTheKey() throws IOException {
        Path include = headers("cuda/include", 13000, "only_here.h", "cccl/parts/other.cuh");
        environment.put("CUDA_PATH", folder.resolve("older").toString());
        headers("older/include", 12080, "only_here.h");
        List<String> options = List.of("--include-path=" + include, "--include-path=" + include.resolve("cccl"));
        compile(TEXT);
        compile(TEXT);
        assertEquals(List.of(options), compiled);
        headers("cuda/include", 13010);
        compile(TEXT);
        assertEquals(List.of(options, options), compiled);
        compile(CudaSource.of("plain.cu", "#include \"mine.h\"\n").withHeader("mine.h", ""));
        assertEquals(List.of(), compiled.getLast());
        headers("cuda/include", 11080);
        compile(TEXT.withOptions("-DA"));
        assertEquals(List.of("-DA", options.getFirst(), options.getLast()), compiled.getLast());
        headers("older/include", 13000);
        compile(TEXT.withOptions("-DC"));
        assertEquals(List.of("-DC", "--include-path=" + folder.resolve("older/include")), compiled.getLast());
        headers("older/include", 12080);
        Files.delete(include.resolve("cuda_runtime_api.h"));
        compile(TEXT.withOptions("-DB"));
        assertEquals(List.of("-DB", "--include-path=" + folder.resolve("older/include")), compiled.getLast());
    }

    @Test
    void advicesAreOfWhatIsMissing() throws IOException {
        environment.put("CUDA_HOME", "");
        refusal =
                "k.cu(1): catastrophic error: could not open source file \"no_such.h\" (no directories in search list)";
        CudaSource text = CudaSource.of("k.cu", "#include <no_such.h>\n");
        assertEquals("cannot compile k.cu: " + refusal + "; where that is CUDA's, install the CUDA toolkit and set "
                + "CUDA_HOME, or pip install nvidia-cuda-runtime nvidia-cuda-cccl; where it is yours, give it by "
                + "withHeader, or its folder by withOptions(\"--include-path=...\")",
                assertThrows(CompilationException.class, () -> compile(text)).getMessage());
        environment.put("CUDA_HOME", folder.resolve("cuda").toString());
        Path include = headers("cuda/include", 12080, "no_such.h");
        refusal = "no_such.h(7): error: some";
        assertEquals(
                "cannot compile k.cu: " + refusal + "; CUDA's headers in " + include + " are of CUDA 12.8, and NVRTC "
                        + "is of 13.0: install those of the same",
                assertThrows(CompilationException.class, () -> compile(text)).getMessage());
        refusal = "k.cu(7): error: some";
        assertEquals("cannot compile k.cu: " + refusal, assertThrows(CompilationException.class,
                () -> compile(CudaSource.of("k.cu", "text"))).getMessage());
    }
}
