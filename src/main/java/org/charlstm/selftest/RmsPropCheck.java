package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;

import java.util.List;
import java.util.stream.Stream;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.RmsProp;

/** The optimiser over five steps, with gradients from ordinary to tiny and rates of their own. */
final class RmsPropCheck {
    private record Result(double[] weights, double[] meanSquares) {
        static Result on(TrialMemory scope, int size) {
            Matrix weights = scope.flat(random(1, size, 1));
            Matrix means = scope.flat(new double[size]);
            Doubles rates = scope.memory().doubles(4);
            rates.write(new double[] {0.01, 0.02, 0.01, 0.005});
            Ints step = scope.ints(0);
            for (int i = 0; i < 5; i++) {
                step.write(new int[] {i});
                Matrix gradients = scope.flat(random(2 + i, size, Math.pow(10, -2 * i)));
                scope.operations().update(new RmsProp(0.9, 1e-7), weights, gradients, List.of(means), rates, step);
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
