package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import java.util.List;
import java.util.stream.Stream;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;

/** Softmax, cross-entropy and its gradient, for logits from nearly equal to far apart; some rows do not count. */
final class CrossEntropyCheck {
    private static final int ROWS = 300;

    /** Of every so many rows one does not count. */
    private static final int UNCOUNTED = 7;

    private record Result(double[] totals, double[] gradient, double[] inPlace) {
        static Result on(TrialMemory scope, int symbols, double scale) {
            Doubles totals = scope.memory().doubles(3);
            totals.write(new double[] {5, 7, 9});
            Doubles count = scope.memory().doubles(1);
            count.write(new double[] {ROWS - ROWS / UNCOUNTED});
            Matrix logits = scope.matrix(ROWS, symbols, random(1, ROWS * symbols, scale));
            Matrix gradient = scope.matrix(ROWS, symbols, random(3, ROWS * symbols, 9));
            int[] ids = randomIds(2, ROWS, symbols);
            for (int row = UNCOUNTED - 1; row < ROWS; row += UNCOUNTED) {
                ids[row] = -1;
            }
            Ints targets = scope.ints(ids);
            scope.operations().crossEntropy(logits, targets, count, gradient, totals);
            scope.operations().crossEntropy(logits, targets, null, null, totals);
            scope.operations().crossEntropy(logits, targets, count, logits, totals);
            return new Result(totals.read(), gradient.read(), logits.read());
        }
    }

    private CrossEntropyCheck() {
    }

    static List<Check> of(Tolerances tolerances) {
        Stream<Check.Case> numbers = Stream.of(1e-3, 1.0, 30.0, 1e4)
                .flatMap(scale -> Stream.of(1, 3, 37, 38, 129)
                        .map(symbols -> new Check.Case("V " + symbols + ", logits up to " + scale,
                                (scope, oracle, comparison) -> compare(Result.on(oracle, symbols, scale),
                                        Result.on(scope, symbols, scale), comparison))));
        Check.Case nan = new Check.Case("V 37, a NaN", (scope, oracle, comparison) -> {
            double[] values = random(1, 5 * 37, 1);
            values[2 * 37 + 36] = Double.NaN;
            Doubles totals = scope.memory().doubles(3);
            scope.operations().crossEntropy(scope.matrix(5, 37, values), scope.ints(randomIds(2, 5, 37)), null, null,
                    totals);
            double loss = totals.read()[0];
            comparison.require("the loss of a NaN is " + loss, Double.isNaN(loss));
        });
        return List.of(new Check("softmax and cross-entropy", tolerances.operation(),
                Stream.concat(numbers, Stream.of(nan)).toList()));
    }

    private static void compare(Result expected, Result actual, Comparison comparison) {
        comparison.agree("loss", new double[] {expected.totals[0]}, new double[] {actual.totals[0]});
        comparison.same("hits", new double[] {expected.totals[1]}, new double[] {actual.totals[1]});
        comparison.same("counted", new double[] {expected.totals[2]}, new double[] {actual.totals[2]});
        comparison.agree("gradient", expected.gradient, actual.gradient);
        comparison.same("gradient in the logits' place", actual.gradient, actual.inPlace);
    }
}
