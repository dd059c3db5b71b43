package org.charlstm.device;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What a draw leaves out. */
class DrawTest {
    @Test
    void allButOneSymbolLeaveOneOut() {
        assertTrue(new Draw(1, 4, 1).leavesOut(5));
        assertFalse(new Draw(1, 5, 1).leavesOut(5));
        assertFalse(Draw.at(1).leavesOut(5));
        assertTrue(new Draw(1, Draw.ALL, 0.9).leavesOut(5));
    }
}
