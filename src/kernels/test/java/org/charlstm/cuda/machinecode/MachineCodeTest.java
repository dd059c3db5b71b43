package org.charlstm.cuda.machinecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import module java.base;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** kernels/machine-code.txt agrees with the machine code of this build. */
@Tag("long")
class MachineCodeTest {
    private static final Path LEDGER = Path.of("kernels", "machine-code.txt");
    private static final String COMMAND = "kernels/build.sh --ledger";
    private static final LedgerRows ROWS = LedgerRows.of("""
            # nvcc V1
            # kernel sm no HMMA bran load given cycles
            lstm_a    90  1   32    3    0   500   1980
            lstm_a    90  2   32    0    4   500   1890
            lstm_a    90  3   32    4    0     -    636
            lstm_a    80  1   32    3    4     -      -
            lstm_b    90  1    0   14    1     -   1967
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
        // A build may be of one architecture.
        if (build.architectures().equals(ledger.architectures())) {
            assertEquals(made, committed, LEDGER + " has other words: " + COMMAND);
        }
    }

    /** The compiler moves no product across a branch, and a load takes some 270 cycles at the least. */
    @Test
    void noStepOnTensorCoresBranchesAmongItsProductsOrWaitsForItsOwnLoads() throws IOException {
        LedgerRows ledger = LedgerRows.of(Files.readString(LEDGER));
        assertFalse(stepsOnTensorCores(ledger).isEmpty(), LEDGER + " has no such loop");
        List<String> faults = faults(ledger);
        assertTrue(faults.isEmpty(), () -> LEDGER + ":\n" + String.join("\n", faults)
                + "\nMend the kernel, then: " + COMMAND);
    }

    /** Without the loops of warps that only work beside the steps. */
    private static List<String> stepsOnTensorCores(LedgerRows ledger) {
        return ledger.rows().keySet().stream().filter(row -> row.matches("(lstm|gru|elman)_.* on sm_90,.*")
                && ledger.figure(row, "HMMA") > 0 && !ledger.word(row, "given").equals("-")).toList();
    }

    private static List<String> faults(LedgerRows ledger) {
        List<String> faults = new ArrayList<>();
        for (String row : stepsOnTensorCores(ledger)) {
            if (ledger.figure(row, "bran") != 0) {
                faults.add(row + ", has " + ledger.figure(row, "bran") + " branches among its products");
            }
            if (ledger.figure(row, "load") != 0) {
                faults.add(row + ", waits for " + ledger.figure(row, "load") + " loads that it asks for itself");
            }
        }
        return faults;
    }

    /**
     * Loads of a step that may come from DRAM have at least 500 cycles, and others, or those that were brought into the
     * L2 cache, 270. A pass that a load holds up costs each of a sequence's steps as much. An Elman cell's steps are as
     * short as a load, and wait for some.
     */
    @Test
    void loadsOfAStepOnTensorCoresAreGivenWhatTheyTake() throws IOException {
        List<String> late = late(LedgerRows.of(Files.readString(LEDGER)));
        assertTrue(late.isEmpty(),
                () -> LEDGER + ":\n" + String.join("\n", late) + "\nMend the kernel, then: " + COMMAND);
    }

    private static List<String> late(LedgerRows ledger) {
        return stepsOnTensorCores(ledger).stream()
                .filter(row -> !row.startsWith("elman_") && ledger.figure(row, "given") < floor(ledger, row))
                .map(row -> "%s, gives a load %d cycles, fewer than %d".formatted(row, ledger.figure(row, "given"),
                        floor(ledger, row)))
                .toList();
    }

    private static int floor(LedgerRows ledger, String row) {
        // Forward, four loads are ids and rows of a table that stays in L2; two are those of a matrix.
        boolean byIds = row.contains("_forward") && ledger.figure(row, "LDG") > 2;
        if (byIds || ledger.figure(row, "PF2") > 0) {
            return IssueModel.FROM_L2;
        }
        // A step of 560 cycles has no room for more, and a prefetch slows down all others that ptxas compiles with it.
        // A GRU's way back by blocks waits for some 40 of its 1,260 cycles where loads come from DRAM; of an LSTM with
        // hard gates nothing is lost.
        return row.contains("_cluster_forward") ? 400 : row.startsWith("gru_tensor_backward") ? 330
                : row.startsWith("lstm_tensor_backward") ? 480 : 500;
    }

    /** Nor is there an access to shared memory whose banks the model could not tell. */
    @Test
    void noStepOnTensorCoresHasAConflictOfBanks() throws IOException {
        LedgerRows ledger = LedgerRows.of(Files.readString(LEDGER));
        // Half of each 16 bytes that an Elman cell's warps pass on is read: two wavefronts of a step of 960 cycles.
        assertEquals(List.of(), stepsOnTensorCores(ledger).stream()
                .filter(row -> !row.startsWith("elman_cluster16_forward") && !ledger.word(row, "banks").equals("0"))
                .toList());
    }

    @Test
    void aLoadThatIsGivenTooLittleIsTold() {
        assertEquals(List.of("lstm_a_backward on sm_90, loop 2, gives a load 499 cycles, fewer than 500",
                "lstm_a_backward on sm_90, loop 4, gives a load 269 cycles, fewer than 270",
                "lstm_a_forward on sm_90, loop 2, gives a load 269 cycles, fewer than 270",
                "lstm_a_forward on sm_90, loop 3, gives a load 499 cycles, fewer than 500",
                "lstm_cluster_forward on sm_90, loop 2, gives a load 399 cycles, fewer than 400"),
                late(LedgerRows.of("""
                        # nvcc V1
                        # kernel sm no HMMA LDG PF2 given
                        lstm_a_backward      90  1   32    6   0   500
                        lstm_a_backward      90  2   32    6   0   499
                        lstm_a_backward      90  3   32    6   1   270
                        lstm_a_backward      90  4   32    6   1   269
                        lstm_a_backward      80  1   32    6   0     1
                        lstm_a_forward       90  1   32    4   0   270
                        lstm_a_forward       90  2   32    4   0   269
                        lstm_a_forward       90  3   32    2   0   499
                        lstm_b_forward       90  1    0    2   0     1
                        lstm_cluster_forward 90  1   32    2   0   400
                        lstm_cluster_forward 90  2   32    2   0   399
                        """)));
    }

    @Test
    void onlyTensorCoresOfTheArchitectureThatIsTunedForAreRefused() {
        assertEquals(List.of("lstm_a on sm_90, loop 1, has 3 branches among its products",
                "lstm_a on sm_90, loop 2, waits for 4 loads that it asks for itself"), faults(ROWS));
    }

    /** But not of an architecture of which the build has nothing. */
    @Test
    void aDifferenceIsToldWithBothLines() {
        assertEquals(List.of(), ROWS.differences(ROWS));
        assertEquals(List.of("""
                lstm_a on sm_90, loop 3
                  was  lstm_a    90  3   32    4    0     -    636
                  is   not there""", """
                lstm_a on sm_90, loop 4
                  was  not there
                  is   lstm_a    90  4   32    0    0     -   1000""", """
                lstm_b on sm_90, loop 1
                  was  lstm_b    90  1    0   14    1     -   1967
                  is   lstm_b    90  1    0   13    1     -   1967"""), ROWS.differences(LedgerRows.of("""
                # nvcc V1
                # kernel sm no HMMA bran load given cycles
                lstm_a    90  1   32    3    0   500   1980
                lstm_a    90  2   32    0    4   500   1890
                lstm_a    90  4   32    0    0     -   1000
                lstm_b    90  1    0   13    1     -   1967
                """)));
        assertThrows(IllegalArgumentException.class, () -> LedgerRows.of("lstm_a 90 1 32 3 0 1980\n"));
    }
}
