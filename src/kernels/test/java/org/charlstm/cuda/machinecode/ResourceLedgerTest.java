package org.charlstm.cuda.machinecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import module java.base;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;

/** kernels/resources.txt agrees with the build's ptxas. */
class ResourceLedgerTest {
    private static final ResourceLedger LEDGER = ResourceLedger.of("""
            # nvcc V1
            k 90 24 1024 0 0 0 9 0 3 2
            k 100 24 0 8 4 2 9 1 3 0
            """);

    @Test
    @Needs(Need.NVCC)
    void noKernelUsesMoreOrLessThanTheLedgerSays() throws IOException {
        ResourceLedger ledger = ResourceLedger.of(Files.readString(Path.of("kernels", "resources.txt")));
        Path figures = Path.of("target", "kernels", "resources.txt");
        ResourceLedger build = ResourceLedger.of(Files.readString(figures));
        assumeTrue(build.nvcc().equals(ledger.nvcc()),
                "the ledger is of nvcc " + ledger.nvcc() + ", this is " + build.nvcc());
        List<String> differences = ledger.differences(build);
        assertTrue(differences.isEmpty(), () -> String.join("\n", differences) + "\nIf that is as it should be: "
                + ResourceLedger.COMMAND);
    }

    @Test
    void itReadsWhatTheScriptWrites() {
        assertEquals("V1", LEDGER.nvcc());
        assertEquals(Map.of("k for sm_90", List.of(24, 1024, 0, 0, 0, 9, 0, 3, 2),
                "k for sm_100", List.of(24, 0, 8, 4, 2, 9, 1, 3, 0)), LEDGER.rows());
        assertThrows(IllegalArgumentException.class, () -> ResourceLedger.of("k 90 24 1024 0 0 0 9 0 3 2\n"));
        assertThrows(IllegalArgumentException.class, () -> ResourceLedger.of("# nvcc V1\nk 90 24 1024 0 0 0 9 0 3\n"));
    }

    @Test
    void everyFigureThatDiffersIsNamed() {
        assertEquals(List.of(), LEDGER.differences(LEDGER));
        assertEquals(List.of("k for sm_100 uses 7 bytes of stack, fewer than the ledger's 8",
                "k for sm_100 uses 5 bytes of spill stores, more than the ledger's 4",
                "k for sm_100 uses 3 bytes of spill loads, more than the ledger's 2",
                "k for sm_90 uses 25 registers, more than the ledger's 24",
                "k for sm_90 uses 1028 bytes of shared memory, more than the ledger's 1024",
                "k for sm_90 uses 8 instructions, fewer than the ledger's 9",
                "k for sm_90 uses 1 64-bit divisions, more than the ledger's 0",
                "k for sm_90 uses 4 accesses to global memory, more than the ledger's 3",
                "k for sm_90 uses 1 accesses of several elements, fewer than the ledger's 2"),
                LEDGER.differences(ResourceLedger.of("""
                        # nvcc V1
                        k 90 25 1028 0 0 0 8 1 4 1
                        k 100 24 0 7 5 3 9 1 3 0
                        """)));
    }

    @Test
    void rowsThatOnlyOneOfThemHasAreNamed() {
        assertEquals(List.of("new for sm_90 has no row in the ledger",
                "k for sm_90 is in the ledger but was not built"),
                LEDGER.differences(ResourceLedger.of("""
                        # nvcc V1
                        k 100 24 0 8 4 2 9 1 3 0
                        new 90 1 0 0 0 0 1 0 0 0
                        """)));
    }
}
