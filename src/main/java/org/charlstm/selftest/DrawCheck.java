package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.charlstm.device.Draw;
import org.charlstm.device.Ints;

/**
 * Drawing symbols, from all and from some, with a row among them that is not a number, and from logits of which many
 * are equal.
 */
final class DrawCheck {
    private static final int ROWS = 65;
    private static final List<Draw> DRAWS = List.of(Draw.at(0), Draw.at(0.3), Draw.at(1), Draw.at(4),
            new Draw(1, 2, 1), new Draw(4, 20, 1), new Draw(4, Draw.ALL, 0.7), new Draw(2, 7, 0.8));

    private DrawCheck() {
    }

    static List<Check> of() {
        return List.of(new Check("draw", 0, Stream.of(1, 3, 37, 129).flatMap(symbols -> DRAWS.stream()
                .map(draw -> new Check.Case("V " + symbols + ", " + shape(draw), (scope, oracle, comparison) -> {
                    double[] logits = random(1, ROWS * symbols, 3);
                    double[] equals = DoubleStream.of(logits).map(Math::rint).toArray();
                    logits[(ROWS - 1) * symbols] = Double.NaN;
                    int[] drawn = run(scope, symbols, logits, draw);
                    comparison.same("drawn", run(oracle, symbols, logits, draw), drawn);
                    comparison.same("drawn from NaN", new int[] {-1}, Arrays.copyOfRange(drawn, ROWS - 1, ROWS));
                    comparison.same("drawn from equals", run(oracle, symbols, equals, draw),
                            run(scope, symbols, equals, draw));
                })))
                .toList()));
    }

    private static String shape(Draw draw) {
        return "temperature " + draw.temperature() + (draw.topK() == Draw.ALL ? "" : ", top k " + draw.topK())
                + (draw.topP() == 1 ? "" : ", top p " + draw.topP());
    }

    private static int[] run(TrialMemory scope, int symbols, double[] logits, Draw draw) {
        Ints drawn = scope.ints(new int[ROWS]);
        scope.operations().draw(scope.matrix(ROWS, symbols, logits), draw, 11,
                scope.ints(randomIds(2, ROWS, 1000)), scope.ints(4), drawn);
        return drawn.read();
    }
}
