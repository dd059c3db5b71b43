package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import module java.base;
import org.charlstm.device.Draw;
import org.charlstm.device.Ints;

/** Checks the symbols drawn from given logits. */
final class DrawCheck {
    private static final int ROWS = 65;
    private static final List<Draw> DRAWS = List.of(Draw.at(0), Draw.at(0.3), Draw.at(1), Draw.at(4),
            new Draw(1, 2, 1), new Draw(4, 20, 1), new Draw(4, Draw.ALL, 0.7), new Draw(2, 7, 0.8));

    private record Drawing(int symbols, Draw draw) {
        String title() {
            return "V " + symbols + ", temperature " + draw.temperature()
                    + (draw.topK() == Draw.ALL ? "" : ", top k " + draw.topK())
                    + (draw.topP() == 1 ? "" : ", top p " + draw.topP());
        }

        int[] run(TrialMemory memory, double[] logits) {
            Ints drawn = memory.ints(new int[ROWS]);
            memory.operations().draw(memory.matrix(ROWS, symbols, logits), draw, 11,
                    memory.ints(randomIds(2, ROWS, 1000)), memory.ints(4), drawn);
            return drawn.read();
        }
    }

    /** Draws from all symbols and from some, with a NaN in the last row, and from logits with many equal values. */
    static List<Check.Case> draw() {
        return Check.Case.besideOracle(Stream.of(1, 3, 37, 129)
                .flatMap(symbols -> DRAWS.stream().map(draw -> new Drawing(symbols, draw))).toList(),
                Drawing::title, (drawing, memory, results) -> {
                    double[] logits = random(1, ROWS * drawing.symbols, 3);
                    double[] equals = DoubleStream.of(logits).map(Math::rint).toArray();
                    logits[(ROWS - 1) * drawing.symbols] = Double.NaN;
                    int[] drawn = drawing.run(memory, logits);
                    results.exact("drawn", drawn);
                    results.alone().same("drawn from NaN", new int[] {-1}, Arrays.copyOfRange(drawn, ROWS - 1, ROWS));
                    results.exact("drawn from equals", drawing.run(memory, equals));
                });
    }
}
