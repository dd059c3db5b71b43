package org.charlstm.device.cpu.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.charlstm.random.Philox;
import org.charlstm.random.Purpose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vectors' cipher is the library's, with every word of key and counter in use, and where steps overflow. */
class PhiloxVectorsTest {
    @ParameterizedTest
    @CsvSource({"0, 0, 0", "1, 4294967296, 1", "-1, -1, -3", "1311768467463790320, -81985529216486896, 2147483640"})
    void drawsTheNumbersOfEachStep(long seed, long index, int step) {
        int from = 5;
        int count = 5 * PhiloxVectors.GROUP;
        short[] drawn = new short[from + count];
        PhiloxVectors philox = new PhiloxVectors();
        philox.begin(seed, Purpose.DROPOUT, index);
        philox.draw(step, drawn, from, from + count - 1);
        for (int i = 0; i < count; i++) {
            assertEquals(
                    Philox.sixteen(seed, Purpose.DROPOUT, index, step + i / PhiloxVectors.NUMBERS,
                            i % PhiloxVectors.NUMBERS),
                    Short.toUnsignedInt(drawn[from + i]), "number " + i);
        }
    }
}
