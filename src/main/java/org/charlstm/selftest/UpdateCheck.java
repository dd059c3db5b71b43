package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;

import java.util.List;
import java.util.stream.Stream;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.RmsProp;
import org.charlstm.device.UpdateRule;

/** Each update rule over five steps, with gradients from ordinary to tiny and rates of their own. */
final class UpdateCheck {
    private record Result(double[] weights, List<double[]> states) {
        static Result on(TrialMemory scope, UpdateRule rule, int size) {
            Matrix weights = scope.flat(random(1, size, 1));
            List<Matrix> states = rule.states().stream().map(name -> scope.flat(new double[size])).toList();
            Doubles rates = scope.memory().doubles(4);
            rates.write(new double[] {0.01, 0.02, 0.01, 0.005});
            Ints step = scope.ints(0);
            for (int i = 0; i < 5; i++) {
                step.write(new int[] {i});
                Matrix gradients = scope.flat(random(2 + i, size, Math.pow(10, -2 * i)));
                scope.operations().update(rule, weights, gradients, states, rates, step);
            }
            return new Result(weights.read(), states.stream().map(Matrix::read).toList());
        }
    }

    private UpdateCheck() {
    }

    static List<Check> of(Tolerances tolerances) {
        return List.of(of("RMSprop", RmsProp.KERAS, tolerances));
    }

    private static Check of(String name, UpdateRule rule, Tolerances tolerances) {
        return new Check(name, tolerances.operation(), Stream.of(1, 3, 37, 129, 20_000)
                .map(size -> new Check.Case(size + " weights", (scope, oracle, comparison) -> {
                    Result expected = Result.on(oracle, rule, size);
                    Result actual = Result.on(scope, rule, size);
                    comparison.agree("weights", expected.weights, actual.weights);
                    for (int i = 0; i < rule.states().size(); i++) {
                        comparison.agree(rule.states().get(i), expected.states.get(i), actual.states.get(i));
                    }
                })).toList());
    }
}
