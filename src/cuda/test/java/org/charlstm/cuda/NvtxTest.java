package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.Profiler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranges reach a profiler as NVTX's headers bring them there, and nobody where there is none. */
@InProcesses
class NvtxTest {
    private static final List<String> RANGES = List.of("range 41 is epoch 1", "range 42 is Übung", "range 42 ends",
            "range 43 is of a virtual thread", "range 41 ends", "range 43 ends", "done");

    @TempDir
    private Path folder;

    /** The program. */
    public static void main(String[] none) throws InterruptedException {
        List<Nvtx.Range> other = new ArrayList<>();
        try (var _ = Nvtx.range("epoch 1")) {
            Nvtx.Range inner = Nvtx.range("Übung");
            inner.close();
            inner.close();
            Thread.ofVirtual().start(() -> other.add(Nvtx.range("of a virtual thread"))).join();
        }
        other.getFirst().close();
        System.out.println("done");
    }

    @Test
    @Needs(Need.GXX)
    void aProfilerSeesThem() throws IOException, InterruptedException {
        List<String> said = run(Profiler.build(folder, "g++", "-fPIC"));
        assertEquals("attached with own types: 1", said.getFirst());
        assertEquals(RANGES, said.subList(1, said.size()));
    }

    /** Where the toolkit has them, its types and numbers are those of NVIDIA's headers. */
    @Test
    @Needs(Need.NVCC)
    void aProfilerBuiltByNvccSeesThem() throws IOException, InterruptedException {
        List<String> said = run(Profiler.build(folder, "nvcc", "-cudart", "none", "-Xcompiler", "-fPIC"));
        assertTrue(said.getFirst().matches("attached with (NVIDIA's|own) types: 1"), said::toString);
        assertEquals(RANGES, said.subList(1, said.size()));
    }

    @Test
    void withoutOneTheyDoNothing() throws IOException, InterruptedException {
        assertEquals(List.of("done"), run(null));
    }

    @Test
    @Needs(Need.GXX)
    void oneThatRefusesSeesNone() throws IOException, InterruptedException {
        List<String> said = run(Profiler.build(folder, "g++", "-fPIC", "-DREFUSES"));
        assertEquals(2, said.size(), said::toString);
        assertTrue(said.getFirst().startsWith("attached with "));
        assertEquals("done", said.getLast());
    }

    @Test
    void aFileThatIsNoneIsToldAndTheProgramGoesOn() throws IOException, InterruptedException {
        Path none = Files.writeString(folder.resolve("none.so"), "not a library");
        List<String> said = run(none);
        assertEquals("done", said.getLast());
        assertTrue(said.stream().anyMatch(line -> line.contains("ranges go nowhere, since NVTX_INJECTION64_PATH=" + none
                + " is no profiler's library: ")), said::toString);
    }

    private List<String> run(Path profiler) throws IOException, InterruptedException {
        ProcessBuilder program = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-Dstdout.encoding=UTF-8", "-cp",
                System.getProperty("java.class.path"), NvtxTest.class.getName());
        program.environment().remove(Profiler.VARIABLE);
        if (profiler != null) {
            program.environment().put(Profiler.VARIABLE, profiler.toString());
        }
        Path output = folder.resolve("output");
        int code = program.redirectErrorStream(true).redirectOutput(output.toFile()).start().waitFor();
        List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
        assertEquals(0, code, lines::toString);
        return lines;
    }
}
