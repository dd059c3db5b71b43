package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;

/**
 * Softmax, cross-entropy and its gradient, for logits from equal to far apart; some rows do not count, others are
 * padding.
 */
final class CrossEntropyCheck {
    private static final int ROWS = 300;

    /** Of every so many rows one does not count. */
    private static final int UNCOUNTED = 7;
    /** Of every so many others one is padding. */
    private static final int PADDING = 3;

    /** What the sum of hits is before, and how often they are added to it. */
    private static final int HITS_BEFORE = 7;
    private static final int CALLS = 3;

    private record Result(double[] totals, double[] gradient, double[] inPlace) {
        static Result on(TrialMemory scope, int symbols, double[] values) {
            Doubles totals = scope.memory().doubles(Operations.TOTALS);
            totals.write(new double[] {5, HITS_BEFORE, 9, 11, 13});
            Doubles count = scope.memory().doubles(1);
            count.write(new double[] {ROWS - ROWS / UNCOUNTED});
            Matrix logits = scope.matrix(ROWS, symbols, values);
            Matrix gradient = scope.matrix(ROWS, symbols, random(3, ROWS * symbols, 9));
            Ints targets = scope.ints(targets(symbols));
            scope.operations().crossEntropy(logits, targets, count, gradient, totals);
            scope.operations().crossEntropy(logits, targets, null, null, totals);
            scope.operations().crossEntropy(logits, targets, count, logits, totals);
            return new Result(totals.read(), gradient.read(), logits.read());
        }
    }

    private CrossEntropyCheck() {
    }

    private static int[] targets(int symbols) {
        return marked(randomIds(2, ROWS, symbols));
    }

    /** Ids of which some are made those of padding, and some do not count. */
    static int[] marked(int[] ids) {
        return IntStream.range(0, ids.length).map(row -> row % UNCOUNTED == UNCOUNTED - 1 ? Padding.NONE
                : row % PADDING == PADDING - 1 ? Padding.COUNTED.target(ids[row]) : ids[row]).toArray();
    }

    static List<Check> of(Tolerances tolerances) {
        Stream<Check.Case> numbers = Stream.of(1e-3, 1.0, 30.0, 1e4)
                .flatMap(scale -> Stream.of(1, 3, 37, 38, 129)
                        .map(symbols -> new Check.Case("V " + symbols + ", logits up to " + scale,
                                (scope, oracle, comparison) -> compare(symbols,
                                        random(1, ROWS * symbols, scale), scope, oracle, comparison))));
        Stream<Check.Case> ties = Stream.of(2, 37, 200)
                .map(symbols -> new Check.Case("V " + symbols + ", logits that tie",
                        (scope, oracle, comparison) -> tie(symbols, scope, oracle, comparison)));
        Check.Case nan = new Check.Case("V 37, a NaN", (scope, oracle, comparison) -> {
            double[] values = random(1, 5 * 37, 1);
            values[2 * 37 + 36] = Double.NaN;
            Doubles totals = scope.memory().doubles(Operations.TOTALS);
            scope.operations().crossEntropy(scope.matrix(5, 37, values), scope.ints(randomIds(2, 5, 37)), null, null,
                    totals);
            double loss = totals.read()[0];
            comparison.require("the loss of a NaN is " + loss, Double.isNaN(loss));
        });
        return List.of(new Check("softmax and cross-entropy", tolerances.operation(),
                Stream.of(numbers, ties, Stream.of(nan)).flatMap(cases -> cases).toList()));
    }

    /** Whole numbers, few of them: of those that are equally high the first is the prediction. */
    private static void tie(int symbols, TrialMemory scope, TrialMemory oracle, Comparison comparison) {
        double[] values = Arrays.stream(random(1, ROWS * symbols, 2)).map(Math::rint).toArray();
        Result result = compare(symbols, values, scope, oracle, comparison);
        int[] targets = targets(symbols);
        long hits = IntStream.range(0, ROWS)
                .filter(row -> Padding.id(targets[row]) == IntStream.range(0, symbols).boxed()
                        .max(Comparator.<Integer>comparingDouble(j -> values[row * symbols + j])
                                .thenComparing(Comparator.reverseOrder()))
                        .orElseThrow())
                .count();
        comparison.same("hits where the first of equals is the prediction",
                new double[] {HITS_BEFORE + CALLS * hits}, new double[] {result.totals[1]});
    }

    private static Result compare(int symbols, double[] values, TrialMemory scope, TrialMemory oracle,
            Comparison comparison) {
        Result expected = Result.on(oracle, symbols, values);
        Result actual = Result.on(scope, symbols, values);
        comparison.agree("loss", new double[] {expected.totals[0]}, new double[] {actual.totals[0]});
        comparison.same("hits", new double[] {expected.totals[1]}, new double[] {actual.totals[1]});
        comparison.same("counted", new double[] {expected.totals[2]}, new double[] {actual.totals[2]});
        comparison.agree("loss without padding", new double[] {expected.totals[3]}, new double[] {actual.totals[3]});
        comparison.same("no padding", new double[] {expected.totals[4]}, new double[] {actual.totals[4]});
        comparison.agree("gradient", expected.gradient, actual.gradient);
        comparison.same("gradient in the logits' place", actual.gradient, actual.inPlace);
        return actual;
    }
}
