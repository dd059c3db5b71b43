package org.charlstm.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SamplingOptionsTest {
    @Test
    void eachIsChangedAloneAndTheOthersStay() {
        SamplingOptions all = new SamplingOptions(0.5, 7, 9, "a", true, true, 0);
        assertEquals(all, SamplingOptions.DEFAULT.temperature(0.5).seed(7).maxLength(9).prime("a").keepState(true)
                .pastEnd(true));
        assertEquals(List.of(new SamplingOptions(0.6, 7, 9, "a", true, true, 0),
                new SamplingOptions(0.5, 8, 9, "a", true, true, 0), new SamplingOptions(0.5, 7, 10, "a", true, true, 0),
                new SamplingOptions(0.5, 7, 9, "b", true, true, 0), new SamplingOptions(0.5, 7, 9, "a", false, true, 0),
                new SamplingOptions(0.5, 7, 9, "a", true, false, 0),
                new SamplingOptions(0.5, 7, 9, "a", false, true, 3)),
                List.of(all.temperature(0.6), all.seed(8), all.maxLength(10), all.prime("b"), all.keepState(false),
                        all.pastEnd(false), all.keepState(false).window(3)));
    }
}
