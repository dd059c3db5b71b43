package org.charlstm.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Streams that are told of, of a text of 65 symbols, which guesses give a loss of 4.2. */
class StuckStreamsTest {
    @Test
    void thoseFarAboveTheRestAreCounted() {
        assertEquals(Optional.of("2 of 5 streams do worse than guesses at the end of epoch 3: a loss of 10.0, where "
                + "the median stream has 1.6; either the text there is unlike the rest, or the carried state has run "
                + "away: try a lower learning rate, or clip gradients"),
                StuckStreams.of(new double[] {1.5, 9.5, 1.6, 10.5, 1.4}, 65, 3));
    }

    @Test
    void neitherAHardPassageNorAModelThatKnowsNothingIsStuck() {
        assertEquals(Optional.empty(), StuckStreams.of(new double[] {1.5, 5.9, 1.6}, 65, 1));
        assertEquals(Optional.empty(), StuckStreams.of(new double[] {7, 6.5, 8}, 65, 1));
        assertEquals(Optional.empty(), StuckStreams.of(new double[0], 65, 1));
    }
}
