package org.charlstm.diagnose;

import static org.charlstm.diagnose.Bench.random;
import static org.charlstm.diagnose.Bench.randomIds;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.device.Ints;

/** Drawing symbols, with a row among them that is not a number. */
final class DrawCheck {
    private static final int ROWS = 65;

    private DrawCheck() {
    }

    static List<Check> of() {
        return List.of(new Check("draw", 0, Stream.of(1, 3, 37, 129).flatMap(symbols -> Stream.of(0.0, 0.3, 1.0, 4.0)
                .map(temperature -> new Check.Case("V " + symbols + ", temperature " + temperature,
                        (bench, oracle, comparison) -> {
                            int[] drawn = run(bench, symbols, temperature);
                            comparison.same("drawn", run(oracle, symbols, temperature), drawn);
                            comparison.same("drawn from NaN", new int[] {-1},
                                    Arrays.copyOfRange(drawn, ROWS - 1, ROWS));
                        }))).toList()));
    }

    private static int[] run(Bench bench, int symbols, double temperature) {
        double[] logits = random(1, ROWS * symbols, 3);
        logits[(ROWS - 1) * symbols] = Double.NaN;
        Ints drawn = bench.ints(new int[ROWS]);
        bench.operations().draw(bench.matrix(ROWS, symbols, logits), temperature, 11,
                bench.ints(randomIds(2, ROWS, 1000)), bench.ints(4), drawn);
        return drawn.read();
    }
}
