package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.UpdateRule.Adam;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.device.UpdateRule.Sgd;

/** Each update rule over five steps, with gradients from ordinary to tiny and rates of their own; and their sums. */
final class UpdateCheck {
    private static final List<Double> RATES = List.of(0.01, 0.02, 0.01, 0.005);

    private record Result(double[] weights, List<double[]> states) {
        static Result on(TrialMemory scope, UpdateRule rule, int size) {
            // Those beyond the gradients are not trained.
            Matrix weights = scope.flat(random(1, Math.ceilDiv(size, 64) * 64 + 3, 1));
            List<Matrix> states = rule.states().stream().map(name -> scope.flat(new double[size])).toList();
            double[] each = IntStream.range(0, RATES.size()).boxed()
                    .flatMapToDouble(i -> Arrays.stream(rule.factors(RATES.get(i), i + 1))).toArray();
            Doubles factors = scope.memory().doubles(each.length);
            factors.write(each);
            Ints step = scope.ints(0);
            for (int i = 0; i < 5; i++) {
                step.write(new int[] {i});
                Matrix gradients = scope.flat(random(2 + i, size, Math.pow(10, -2 * i)));
                scope.operations().update(rule, weights, gradients, states, factors, step);
            }
            return new Result(weights.read(), states.stream().map(Matrix::read).toList());
        }
    }

    private UpdateCheck() {
    }

    static List<Check> of(Tolerances tolerances) {
        return List.of(of("RMSprop", tolerances, RmsProp.KERAS, new RmsProp(0.8, 1e-3, 0.1)),
                of("SGD", tolerances, new Sgd(0, false, 0.1), new Sgd(0.9, false, 0), new Sgd(0.9, true, 0.1)),
                of("Adam", tolerances, Adam.KERAS, new Adam(0.8, 0.99, 1e-3, 0.1, false),
                        new Adam(Adam.BETA1, Adam.BETA2, Adam.EPSILON, 0.1, true)),
                accumulation(tolerances));
    }

    /** Three parts of a batch, each of a weight of its own, into a sum that was something else. */
    private static Check accumulation(Tolerances tolerances) {
        return new Check("sum of gradients", tolerances.operation(), Stream.of(1, 3, 37, 129, 20_000)
                .map(size -> new Check.Case(size + " gradients", (scope, oracle, comparison) -> comparison.agree("sum",
                        sum(oracle, size), sum(scope, size))))
                .toList());
    }

    private static double[] sum(TrialMemory scope, int size) {
        double[] before = random(1, size, 1);
        before[size / 2] = Double.NaN;
        Matrix sum = scope.flat(before);
        for (int i = 0; i < 3; i++) {
            scope.operations().accumulate(sum, i == 0, scope.flat(random(2 + i, size, 1)), 0.5 - 0.15 * i);
        }
        return sum.read();
    }

    private static Check of(String name, Tolerances tolerances, UpdateRule... rules) {
        return new Check(name, tolerances.operation(), Stream.of(rules).flatMap(rule -> Stream.of(1, 3, 37, 129, 20_000)
                .map(size -> new Check.Case(size + " weights, " + rule, (scope, oracle, comparison) -> {
                    Result expected = Result.on(oracle, rule, size);
                    Result actual = Result.on(scope, rule, size);
                    comparison.agree("weights", expected.weights, actual.weights);
                    for (int i = 0; i < rule.states().size(); i++) {
                        comparison.agree(rule.states().get(i), expected.states.get(i), actual.states.get(i));
                    }
                }))).toList());
    }
}
