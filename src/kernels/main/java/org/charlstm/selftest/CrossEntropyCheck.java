package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import module java.base;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;

/** Checks softmax, cross-entropy and its gradient, for logits from equal to far apart; some rows are padding. */
final class CrossEntropyCheck {
    /** Hits before the operation adds to them. */
    private static final int HITS_BEFORE = 7;
    private static final int ROWS = 300;
    /** Every seventh row does not count. */
    private static final int UNCOUNTED = 7;
    /** Every third row is padding, unless it does not count. */
    private static final int PADDING = 3;
    private static final int CALLS = 3;

    private record Logits(int symbols, double scale, boolean ties) {
        String title() {
            return "V " + symbols + (ties ? ", logits that tie" : ", logits up to " + scale);
        }

        /** Random logits; with ties, they are rounded to a few integers. */
        double[] values() {
            double[] values = random(1, ROWS * symbols, scale);
            return ties ? Arrays.stream(values).map(Math::rint).toArray() : values;
        }
    }

    static List<Check.Case> crossEntropy() {
        List<Logits> logits = new ArrayList<>();
        for (double scale : new double[] {1e-3, 1.0, 30.0, 1e4}) {
            for (int symbols : new int[] {1, 3, 37, 38, 129}) {
                logits.add(new Logits(symbols, scale, false));
            }
        }
        for (int symbols : new int[] {2, 37, 200}) {
            logits.add(new Logits(symbols, 2, true));
        }
        List<Check.Case> cases =
                new ArrayList<>(Check.Case.besideOracle(logits, Logits::title, CrossEntropyCheck::run));
        cases.add(new Check.Case("V 37, a NaN", (device, oracle, comparison) -> {
            double[] values = random(1, 5 * 37, 1);
            values[2 * 37 + 36] = Double.NaN;
            Doubles totals = device.doubles(new double[Operations.TOTALS]);
            device.operations().crossEntropy(device.matrix(5, 37, values), device.ints(randomIds(2, 5, 37)), null, null,
                    totals);
            double loss = totals.read()[0];
            comparison.require("the loss of a NaN is " + loss, Double.isNaN(loss));
        }));
        return cases;
    }

    /** Totals that do not start from zero. */
    static Doubles totals(TrialMemory memory) {
        return memory.doubles(5, HITS_BEFORE, 9, 11, 13);
    }

    /** Targets; some do not count, and some are marked as padding. */
    static int[] marked(int[] ids) {
        return IntStream.range(0, ids.length).map(row -> row % UNCOUNTED == UNCOUNTED - 1 ? Padding.NONE
                : row % PADDING == PADDING - 1 ? Padding.COUNTED.target(ids[row]) : ids[row]).toArray();
    }

    private static void run(Logits shape, TrialMemory memory, Check.Results results) {
        int symbols = shape.symbols;
        double[] values = shape.values();
        int[] marked = marked(randomIds(2, ROWS, symbols));
        Doubles sums = totals(memory);
        Doubles count = memory.doubles(ROWS - ROWS / UNCOUNTED);
        Matrix logits = memory.matrix(ROWS, symbols, values);
        Matrix gradient = memory.matrix(ROWS, symbols, random(3, ROWS * symbols, 9));
        Ints targets = memory.ints(marked);
        memory.operations().crossEntropy(logits, targets, count, gradient, sums);
        memory.operations().crossEntropy(logits, targets, null, null, sums);
        memory.operations().crossEntropy(logits, targets, count, logits, sums);
        double[] totals = sums.read();
        results.close("loss", totals[0]);
        results.exact("hits", totals[1]);
        results.exact("counted", totals[2]);
        results.close("loss without padding", totals[3]);
        results.exact("no padding", totals[4]);
        results.close("gradient", gradient.read());
        results.alone().same("gradient in the logits' place", gradient.read(), logits.read());
        if (shape.ties) {
            results.alone().same("hits where the first of equals is the prediction",
                    new double[] {HITS_BEFORE + CALLS * hits(values, symbols, marked)}, new double[] {totals[1]});
        }
    }

    /** The number of rows whose target is the first of the highest logits. */
    private static long hits(double[] logits, int symbols, int[] targets) {
        return IntStream.range(0, ROWS).filter(row -> Padding.id(targets[row]) == IntStream.range(0, symbols).boxed()
                .max(Comparator.<Integer>comparingDouble(j -> logits[row * symbols + j])
                        .thenComparing(Comparator.reverseOrder()))
                .orElseThrow()).count();
    }
}
