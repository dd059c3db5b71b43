package org.charlstm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;

/** A profiler's library for NVTX, which prints the ranges that it is told. */
public final class Profiler {
    /** Names its file. */
    public static final String VARIABLE = "NVTX_INJECTION64_PATH";

    private static final Path TEXT = Path.of("src", "cuda", "test", "resources", "nvtx", "profiler.cpp");

    private Profiler() {
    }

    /** Builds it by g++ or nvcc. */
    public static Path build(Path folder, String compiler, String... options) throws IOException, InterruptedException {
        Path library = folder.resolve("libprofiler.so");
        List<String> command = new ArrayList<>(List.of(Installed.named(compiler).toString(), "-shared", "-std=c++17",
                "-o", library.toString(), TEXT.toString()));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        assertEquals("", new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(0, process.waitFor());
        return library;
    }
}
