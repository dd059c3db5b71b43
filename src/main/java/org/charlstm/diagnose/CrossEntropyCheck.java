package org.charlstm.diagnose;

import static org.charlstm.diagnose.Bench.random;
import static org.charlstm.diagnose.Bench.randomIds;

import java.util.List;
import java.util.stream.Stream;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;

/** Softmax, cross-entropy and its gradient, for logits from nearly equal to far apart. */
final class CrossEntropyCheck {
    private static final int ROWS = 300;

    private record Result(double[] totals, double[] gradient, double[] inPlace) {
        static Result on(Bench bench, int symbols, double scale) {
            Doubles totals = bench.memory().doubles(2);
            totals.write(new double[] {5, 7});
            Matrix logits = bench.matrix(ROWS, symbols, random(1, ROWS * symbols, scale));
            Matrix gradient = bench.matrix(ROWS, symbols, random(3, ROWS * symbols, 9));
            Ints targets = bench.ints(randomIds(2, ROWS, symbols));
            bench.operations().crossEntropy(logits, targets, gradient, totals);
            bench.operations().crossEntropy(logits, targets, null, totals);
            bench.operations().crossEntropy(logits, targets, logits, totals);
            return new Result(totals.read(), gradient.read(), logits.read());
        }
    }

    private CrossEntropyCheck() {
    }

    static List<Check> of(Tolerances tolerances) {
        Stream<Check.Case> numbers = Stream.of(1e-3, 1.0, 30.0, 1e4).flatMap(scale ->
                Stream.of(1, 3, 37, 38, 129).map(symbols -> new Check.Case("V " + symbols + ", logits up to " + scale,
                        (bench, oracle, comparison) -> compare(Result.on(oracle, symbols, scale),
                                Result.on(bench, symbols, scale), comparison))));
        Check.Case nan = new Check.Case("V 37, a NaN", (bench, oracle, comparison) -> {
            double[] values = random(1, 5 * 37, 1);
            values[2 * 37 + 36] = Double.NaN;
            Doubles totals = bench.memory().doubles(2);
            bench.operations().crossEntropy(bench.matrix(5, 37, values), bench.ints(randomIds(2, 5, 37)), null, totals);
            double loss = totals.read()[0];
            comparison.require("the loss of a NaN is " + loss, Double.isNaN(loss));
        });
        return List.of(new Check("softmax and cross-entropy", tolerances.operation(),
                Stream.concat(numbers, Stream.of(nan)).toList()));
    }

    private static void compare(Result expected, Result actual, Comparison comparison) {
        comparison.agree("loss", new double[] {expected.totals[0]}, new double[] {actual.totals[0]});
        comparison.same("hits", new double[] {expected.totals[1]}, new double[] {actual.totals[1]});
        comparison.agree("gradient", expected.gradient, actual.gradient);
        comparison.same("gradient in the logits' place", actual.gradient, actual.inPlace);
    }
}
