package org.charlstm.cuda.machinecode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;
import org.junit.jupiter.api.Test;

/** Cycles that products wait for the banks of registers. */
class RegisterPortsTest {
    private static final int FFMA = 0x223;
    private static final int REUSE_A = 1;
    private static final int REUSE_B = 2;

    private static Instruction product(int a, int b, int c, int reuse) {
        return Instruction.of(0, FFMA | (7L << 12) | ((long) a << 24) | ((long) b << 32), c | ((long) reuse << 58), 90);
    }

    /** The cycle at which the last of so many is issued. */
    private static int issued(int count, Instruction... products) {
        RegisterPorts ports = new RegisterPorts();
        int now = 0;
        for (int i = 0; i < count; i++) {
            while (!ports.take(products[i % products.length], 0, now)) {
                now++;
            }
            now++;
        }
        return now - 1;
    }

    @Test
    void threeOfOneBankTakeThreeCycles() {
        assertEquals(3 * 99, issued(100, product(2, 4, 6, 0)));
        assertEquals(2 * 99, issued(100, product(2, 4, 7, 0)), 2);
        assertEquals(99, issued(100, product(2, 5, 255, 0)));
    }

    @Test
    void aSlotKeepsWhatIsMarkedForTheNextThatReadsThere() {
        assertEquals(2 * 99, issued(100, product(2, 4, 6, REUSE_A)), 2);
        assertEquals(99, issued(100, product(2, 4, 6, REUSE_A | REUSE_B)), 4);
        // Another register of the bank takes its place, one of the other bank does not.
        assertEquals(3 * 99, issued(100, product(2, 4, 6, REUSE_A), product(8, 4, 6, REUSE_A)), 3);
        assertEquals(99, issued(100, product(2, 255, 6, REUSE_A), product(9, 255, 7, REUSE_A)), 3);
    }

    @Test
    void aSlotIsOfOneWarp() {
        RegisterPorts ports = new RegisterPorts();
        int now = 0;
        for (int i = 0; i < 100; i++) {
            while (!ports.take(product(2, 4, 6, REUSE_A | REUSE_B), i % 2, now)) {
                now++;
            }
            now++;
        }
        assertEquals(3 * 99, now - 1, 3);
    }
}
