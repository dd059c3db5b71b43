package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;

import java.util.List;
import java.util.stream.Stream;
import org.charlstm.device.Doubles;
import org.charlstm.device.Matrix;

/** The optimiser over five steps, with gradients from ordinary to tiny. */
final class RmsPropCheck {
    private record Result(double[] weights, double[] meanSquares) {
        static Result on(TrialMemory scope, int size) {
            Matrix weights = scope.flat(random(1, size, 1));
            Matrix means = scope.flat(new double[size]);
            Doubles rate = scope.memory().doubles(1);
            rate.write(new double[] {0.01});
            for (int step = 0; step < 5; step++) {
                Matrix gradients = scope.flat(random(2 + step, size, Math.pow(10, -2 * step)));
                scope.operations().rmsProp(weights, gradients, means, rate, 0.9, 1e-7);
            }
            return new Result(weights.read(), means.read());
        }
    }

    private RmsPropCheck() {
    }

    static List<Check> of(Tolerances tolerances) {
        return List.of(new Check("RMSprop", tolerances.operation(), Stream.of(1, 3, 37, 129, 20_000).map(size ->
                new Check.Case(size + " weights", (scope, oracle, comparison) -> {
                    Result expected = Result.on(oracle, size);
                    Result actual = Result.on(scope, size);
                    comparison.agree("weights", expected.weights, actual.weights);
                    comparison.agree("mean squares", expected.meanSquares, actual.meanSquares);
                })).toList()));
    }
}
