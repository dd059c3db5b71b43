package org.charlstm.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.charlstm.device.Draw;
import org.junit.jupiter.api.Test;

class SamplingOptionsTest {
    @Test
    void eachIsChangedAloneAndTheOthersStay() {
        Draw draw = new Draw(0.5, 3, 0.8);
        SamplingOptions all = new SamplingOptions(draw, 7, 9, "a", "z", true, true, 0);
        assertEquals(all,
                SamplingOptions.DEFAULT.temperature(0.5).topK(3).topP(0.8).seed(7).maxLength(9).prime("a").stop("z")
                        .keepState(true).pastEnd(true));
        assertEquals(List.of(new SamplingOptions(new Draw(0.6, 3, 0.8), 7, 9, "a", "z", true, true, 0),
                new SamplingOptions(new Draw(0.5, 4, 0.8), 7, 9, "a", "z", true, true, 0),
                new SamplingOptions(new Draw(0.5, 3, 0.7), 7, 9, "a", "z", true, true, 0),
                new SamplingOptions(draw, 8, 9, "a", "z", true, true, 0),
                new SamplingOptions(draw, 7, 10, "a", "z", true, true, 0),
                new SamplingOptions(draw, 7, 9, "b", "z", true, true, 0),
                new SamplingOptions(draw, 7, 9, "a", "y", true, true, 0),
                new SamplingOptions(draw, 7, 9, "a", "z", false, true, 0),
                new SamplingOptions(draw, 7, 9, "a", "z", true, false, 0),
                new SamplingOptions(draw, 7, 9, "a", "z", false, true, 3)),
                List.of(all.temperature(0.6), all.topK(4), all.topP(0.7), all.seed(8), all.maxLength(10),
                        all.prime("b"), all.stop("y"), all.keepState(false), all.pastEnd(false),
                        all.keepState(false).window(3)));
    }
}
