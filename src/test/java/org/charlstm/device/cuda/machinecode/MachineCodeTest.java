package org.charlstm.device.cuda.machinecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;

/** kernels/machine-code.txt, and what nvcc made of the kernels in this build. */
class MachineCodeTest {
    private static final Path LEDGER = Path.of("kernels", "machine-code.txt");
    private static final String COMMAND = "kernels/build.sh --ledger";
    private static final LedgerRows ROWS = LedgerRows.of("""
            # nvcc V1
            # kernel sm no HMMA bran load cycles
            lstm_a    90  1   32    3    0   1980
            lstm_a    90  2   32    0    4   1890
            lstm_a    80  1   32    3    4      -
            lstm_b    90  1    0   14    1   1967
            """);

    @Test
    @Needs(Need.NVCC)
    void everyHotLoopIsAsTheLedgerSays() throws IOException {
        String committed = Files.readString(LEDGER);
        String made = Ledger.of(Path.of("target", "kernels"));
        LedgerRows ledger = LedgerRows.of(committed);
        LedgerRows build = LedgerRows.of(made);
        assumeTrue(build.nvcc().equals(ledger.nvcc()),
                "the ledger is of nvcc " + ledger.nvcc() + ", this is " + build.nvcc());
        List<String> differences = ledger.differences(build);
        assertTrue(differences.isEmpty(), () -> "\n       " + build.titles() + "\n" + String.join("\n", differences)
                + "\nIf that is as it should be: " + COMMAND);
        assertEquals(made, committed, LEDGER + " has other words: " + COMMAND);
    }

    @Test
    void aDifferenceIsToldWithBothLines() {
        assertEquals(List.of(), ROWS.differences(ROWS));
        assertEquals(List.of("""
                lstm_a on sm_80, loop 1
                  was  lstm_a    80  1   32    3    4      -
                  is   not there""", """
                lstm_a on sm_90, loop 3
                  was  not there
                  is   lstm_a    90  3   32    0    0   1000""", """
                lstm_b on sm_90, loop 1
                  was  lstm_b    90  1    0   14    1   1967
                  is   lstm_b    90  1    0   13    1   1967"""), ROWS.differences(LedgerRows.of("""
                # nvcc V1
                # kernel sm no HMMA bran load cycles
                lstm_a    90  1   32    3    0   1980
                lstm_a    90  2   32    0    4   1890
                lstm_a    90  3   32    0    0   1000
                lstm_b    90  1    0   13    1   1967
                """)));
        assertThrows(IllegalArgumentException.class, () -> LedgerRows.of("lstm_a 90 1 32 3 0 1980\n"));
    }
}
