package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

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
                        (scope, oracle, comparison) -> {
                            int[] drawn = run(scope, symbols, temperature);
                            comparison.same("drawn", run(oracle, symbols, temperature), drawn);
                            comparison.same("drawn from NaN", new int[] {-1},
                                    Arrays.copyOfRange(drawn, ROWS - 1, ROWS));
                        })))
                .toList()));
    }

    private static int[] run(TrialMemory scope, int symbols, double temperature) {
        double[] logits = random(1, ROWS * symbols, 3);
        logits[(ROWS - 1) * symbols] = Double.NaN;
        Ints drawn = scope.ints(new int[ROWS]);
        scope.operations().draw(scope.matrix(ROWS, symbols, logits), temperature, 11,
                scope.ints(randomIds(2, ROWS, 1000)), scope.ints(4), drawn);
        return drawn.read();
    }
}
