package org.charlstm.device.gpu.rnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.InputShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many parts may pay. */
class TimePartsTest {
    private static final int WAVE = 264;

    private static Rnn.Shape shape(int layers, int steps, int batch, boolean training) {
        return new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), 6, layers), steps, batch, training);
    }

    private static List<Integer> counts(int steps, boolean training, int blocks, String asked) {
        Rnn.Shape shape = shape(1, steps, 3, training);
        return TimeParts.candidates(shape, blocks, 132, WAVE, asked).stream().map(TimeParts::count).toList();
    }

    @ParameterizedTest
    @CsvSource({"173, 66, 4 2 1", "24, 66, 3 2 1", "16, 1, 2 1", "15, 1, 1", "173, 67, 1"})
    void whereTheStepsLeaveHalfIdle(int steps, int blocks, String counts) {
        assertEquals(counts, String.join(" ", counts(steps, true, blocks, "").stream().map(String::valueOf).toList()));
    }

    @ParameterizedTest
    @CsvSource({"173, 1, 173", "173, 2, 115 58", "173, 4, 49 49 50 25", "3, 3, 1 1 1", "10, 4, 2 3 3 2"})
    void theLastPartIsShorter(int steps, int count, String lengths) {
        Rnn.Shape shape = new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), 6, 1), steps, 3, true);
        TimeParts parts = new TimeParts(shape, count);
        List<Integer> rows = Stream.of(lengths.split(" ")).map(length -> 3 * Integer.parseInt(length)).toList();
        assertEquals(rows, IntStream.range(0, count).map(parts::rows).boxed().toList());
        assertEquals(Collections.max(rows), parts.mostRows());
    }

    /** Two layers are as many sequences at once. */
    @ParameterizedTest
    @CsvSource({"2, 132, 64, '', ' in 4 parts side by side| in 2 parts side by side|'",
        "3, 132, 128, '', ' in 4 parts side by side| in 2 parts side by side|'",
        "2, 133, 64, '', ' in 4 parts| in 2 parts|'", "2, 133, 128, '', ''",
        "1, 132, 64, '', ' in 4 parts| in 2 parts|'",
        "2, 1, 1, 3, ' in 3 parts side by side'", "2, 1, 1, 1, ''"})
    void layersRunSideBySideWhereThereIsRoomForTwo(int layers, int batch, int blocks, String asked, String titles) {
        assertEquals(titles, TimeParts.candidates(shape(layers, 173, batch, true), blocks, 132, WAVE, asked).stream()
                .map(TimeParts::title).collect(Collectors.joining("|")));
    }

    @Test
    void inferenceIsOne() {
        assertEquals(List.of(1), counts(173, false, 1, ""));
        assertEquals(List.of(1), counts(173, false, 1, "2"));
    }

    @Test
    void whatIsAskedForIsAll() {
        assertEquals(List.of(2), counts(173, true, 1, "2"));
        assertEquals(List.of(3), counts(3, true, 132, "4"));
        for (String wrong : List.of("0", "two", "-1", "100")) {
            CharlstmException e = assertThrows(CharlstmException.class, () -> counts(173, true, 1, wrong));
            assertEquals("CHARLSTM_LSTM_PARTS is '" + wrong + "'; it can be 1 to 99", e.getMessage());
        }
    }
}
