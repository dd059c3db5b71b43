package org.charlstm.cuda.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Binding;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaOptions;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The sizes of cuBLAS's workspaces as native code reads them from the environment of a process that has no launcher:
 * with two sizes cuDNN may give other bits from run to run.
 */
class CublasWorkspaceTest {
    private static final String NAME = "CUBLAS_WORKSPACE_CONFIG";

    @TempDir
    private Path folder;

    /** A program on the library alone. */
    static final class Program {
        private Program() {
        }

        /** Given a folder without libraries and the name of one, it asks for that; else the simulated GPU's open. */
        public static void main(String[] given) throws Throwable {
            System.out.println(ofProcess());
            if (given.length > 0) {
                LibrarySearch search = new LibrarySearch(Optional.of(Path.of(given[0])));
                assertThrows(CharlstmException.class, given[1].equals("cudnn") ? search::cudnn
                        : () -> search.cublas(List.of(13)));
            } else {
                Cuda.open(CudaOptions.SIMULATED).close();
                CudaProcess.libraries(CudaProcess.Kind.SIMULATED, Binding.PANAMA).cublas();
            }
            System.out.println(ofProcess());
        }

        /** Java's own copy does not change. */
        @SuppressWarnings("restricted")
        private static String ofProcess() throws Throwable {
            Linker linker = Linker.nativeLinker();
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment text = (MemorySegment) linker.downcallHandle(linker.defaultLookup()
                        .findOrThrow("getenv"),
                        FunctionDescriptor.of(ValueLayout.ADDRESS.withTargetLayout(
                                MemoryLayout.sequenceLayout(Long.MAX_VALUE, ValueLayout.JAVA_BYTE)),
                                ValueLayout.ADDRESS))
                        .invokeExact(arena.allocateFrom(NAME));
                return text.equals(MemorySegment.NULL) ? "unset" : text.getString(0);
            }
        }
    }

    private List<String> seen(Map<String, String> environment, Object... arguments) throws Exception {
        return NvidiaLibraries.run(folder.resolve("out"), environment, Program.class, arguments);
    }

    /** Before, for cuBLAS may read it as it starts: here neither library gets so far. */
    @ParameterizedTest
    @CsvSource({"cublas", "cudnn"})
    void areOfOneSizeBeforeALibraryOpens(String library) throws Exception {
        assertEquals(List.of("unset", ":4096:2"), seen(Map.of(), folder, library));
    }

    @ParameterizedTest
    @CsvSource({":16:8,:16:8", ":4096:2:16:8,:4096:2:16:8", "'',:4096:2"})
    void areTheUsersWhereTheyAreSet(String own, String expected) throws Exception {
        assertEquals(List.of(own, expected), seen(Map.of(NAME, own), folder, "cublas"));
    }

    @Test
    @Needs(Need.SIMULATED_GPU)
    void areOfOneSizeInAProgramThatOnlyUsesTheLibrary() throws Exception {
        assertEquals(List.of("unset", ":4096:2"),
                seen(Map.of("CHARLSTM_SIM", NvidiaLibraries.SIMULATED.toString())));
    }
}
