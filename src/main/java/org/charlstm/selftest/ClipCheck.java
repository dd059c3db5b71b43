package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;

import java.util.List;
import java.util.stream.Stream;
import org.charlstm.device.Doubles;
import org.charlstm.device.Matrix;

/** The norm of gradients and their scaling, over updates of which one in the midst has no finite norm. */
final class ClipCheck {
    private static final double LIMIT = 3;
    private static final double BOUND = 0.25;
    private static final double NEVER = Double.POSITIVE_INFINITY;
    /** Of the gradients: their norms lie below and above the limit, and one has squares that no float holds. */
    private static final List<Double> SCALES = List.of(1e-3, 1.0, 1e25, Double.NaN, 0.1);

    private record Result(double[] gradients, double[] norms) {
        static Result on(TrialMemory scope, int size, double limit, double bound) {
            Doubles norms = scope.memory().doubles(4);
            double[] all = new double[size * SCALES.size()];
            for (int i = 0; i < SCALES.size(); i++) {
                double[] values = random(i + 1, size, SCALES.get(i).isNaN() ? 1 : SCALES.get(i));
                if (SCALES.get(i).isNaN()) {
                    values[size / 2] = Double.NaN;
                }
                Matrix gradients = scope.flat(values);
                scope.operations().clip(gradients, limit, bound, norms);
                double[] scaled = gradients.read();
                for (int k = 0; k < size; k++) {
                    // In units of what was drawn; NaN agrees with nothing.
                    all[i * size + k] = SCALES.get(i).isNaN() ? Double.isNaN(scaled[k]) ? 7 : scaled[k]
                            : Math.min(limit, bound) < 1e9 && SCALES.get(i) > 1e9 ? scaled[k]
                            : scaled[k] / SCALES.get(i);
                }
            }
            return new Result(all, norms.read());
        }
    }

    private ClipCheck() {
    }

    static List<Check> of(Tolerances tolerances) {
        return List.of(new Check("norm and clip", tolerances.operation(),
                Stream.of(1, 3, 37, 129, 20_000).flatMap(size -> Stream.of(of(size, LIMIT, NEVER),
                        of(size, NEVER, NEVER), of(size, NEVER, BOUND), of(size, LIMIT, BOUND))).toList()));
    }

    private static Check.Case of(int size, double limit, double bound) {
        return new Check.Case(size + " gradients, limit " + limit + ", bound " + bound,
                (scope, oracle, comparison) -> compare(Result.on(oracle, size, limit, bound),
                        Result.on(scope, size, limit, bound), comparison));
    }

    private static void compare(Result expected, Result actual, Comparison comparison) {
        comparison.agree("gradients", expected.gradients, actual.gradients);
        comparison.agree("norms", scaled(expected.norms), scaled(actual.norms));
    }

    /** Norms of very different sizes, so that each counts. */
    private static double[] scaled(double[] norms) {
        return new double[] {norms[0], Math.log(norms[1]), norms[2], norms[3]};
    }
}
