package org.charlstm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.charlstm.nn.Models;
import org.junit.jupiter.api.Test;

/** The formula of the work, against a count by hand. */
class FlopsTest {
    /**
     * Two layers of 2 units, a middle layer of 4, 3 symbols; 5 captions of 3 steps. A step's multiply-adds forward: 16
     * for a recurrent kernel (2, 8), of which the first step has none; 16 for the second layer's kernel (2, 8); 8 for
     * the middle layer (2, 4); 12 for the last (4, 3).
     */
    @Test
    void isTheCountByHand() {
        int forward = 2 * 2 * 16 + 3 * 16 + 3 * 8 + 3 * 12;
        assertEquals(172, forward);
        assertEquals(3 * 2 * 5 * forward, Flops.epoch(Models.of(3, 2, 2, 4), 5, 3));
    }

    @Test
    void withoutAMiddleLayerTheLastComesFromTheLstm() {
        assertEquals(3 * 2 * 5 * (2 * 16 + 3 * 6), Flops.epoch(Models.of(3, 2, 0), 5, 3));
    }

    /** The figure in docs/bench.md, beyond what 32 bits count. */
    @Test
    void theLab() {
        assertEquals(896_885_760_000.0, Flops.epoch(Models.of(38, 128, 128), 10_000, 173));
    }
}
