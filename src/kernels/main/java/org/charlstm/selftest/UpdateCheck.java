package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;

import module java.base;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.UpdateRule.Adam;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.device.UpdateRule.Sgd;

/** Checks sums of gradients over batches, norms and clipping, and each update rule. */
final class UpdateCheck {
    private static final List<Integer> SIZES = List.of(1, 3, 37, 129, 20_000);
    private static final List<Double> RATES = List.of(0.01, 0.02, 0.01, 0.005);
    private static final double LIMIT = 3;
    private static final double BOUND = 0.25;
    private static final double NEVER = Double.POSITIVE_INFINITY;
    /** Scales of gradients with norms below and above the limit; the squares of one scale overflow a float. */
    private static final List<Double> SCALES = List.of(1e-3, 1.0, 1e25, Double.NaN, 0.1);

    private record Update(int size, UpdateRule rule) {
        String title() {
            return size + " weights, " + rule;
        }
    }

    private record Clip(int size, double limit, double bound) {
        String title() {
            return size + " gradients, limit " + limit + ", bound " + bound;
        }
    }

    static List<Check.Case> rmsProp() {
        return updates(RmsProp.KERAS, new RmsProp(0.8, 1e-3, 0.1));
    }

    static List<Check.Case> sgd() {
        return updates(new Sgd(0, false, 0.1), new Sgd(0.9, false, 0), new Sgd(0.9, true, 0.1));
    }

    static List<Check.Case> adam() {
        return updates(Adam.KERAS, new Adam(0.8, 0.99, 1e-3, 0.1, false),
                new Adam(Adam.BETA1, Adam.BETA2, Adam.EPSILON, 0.1, true));
    }

    private static List<Check.Case> updates(UpdateRule... rules) {
        return Check.Case.besideOracle(Stream.of(rules).flatMap(rule -> SIZES.stream()
                .map(size -> new Update(size, rule))).toList(), Update::title, UpdateCheck::update);
    }

    /** Runs five steps at several rates, the last step with the last factors, with gradients from ordinary to tiny. */
    private static void update(Update shape, TrialMemory memory, Check.Results results) {
        UpdateRule rule = shape.rule;
        int size = shape.size;
        // Weights beyond the gradients are not trained.
        Matrix weights = memory.flat(random(1, Math.ceilDiv(size, 64) * 64 + 3, 1));
        List<Matrix> states = rule.states().stream().map(name -> memory.flat(new double[size])).toList();
        Doubles factors = memory.doubles(IntStream.range(0, RATES.size()).boxed()
                .flatMapToDouble(i -> Arrays.stream(rule.factors(RATES.get(i), i + 1))).toArray());
        Ints step = memory.ints(0);
        for (int i = 0; i < 5; i++) {
            step.write(new int[] {i});
            Matrix gradients = memory.flat(random(2 + i, size, Math.pow(10, -2 * i)));
            memory.operations().update(rule, weights, gradients, states, factors, step);
        }
        results.close("weights", weights.read());
        for (int i = 0; i < states.size(); i++) {
            results.close(rule.states().get(i), states.get(i).read());
        }
    }

    /** Adds three parts of a batch with different weights; the first part overwrites the sum. */
    static List<Check.Case> accumulate() {
        return Check.Case.besideOracle(SIZES, size -> size + " gradients", (size, memory, results) -> {
            double[] before = random(1, size, 1);
            before[size / 2] = Double.NaN;
            Matrix sum = memory.flat(before);
            for (int i = 0; i < 3; i++) {
                memory.operations().accumulate(sum, i == 0, memory.flat(random(2 + i, size, 1)), 0.5 - 0.15 * i);
            }
            results.close("sum", sum.read());
        });
    }

    /** Checks the norm of gradients and their scaling over several updates, one of which has no finite norm. */
    static List<Check.Case> clip() {
        return Check.Case.besideOracle(SIZES.stream().flatMap(size -> Stream.of(new Clip(size, LIMIT, NEVER),
                new Clip(size, NEVER, NEVER), new Clip(size, NEVER, BOUND), new Clip(size, LIMIT, BOUND))).toList(),
                Clip::title, UpdateCheck::clip);
    }

    private static void clip(Clip shape, TrialMemory memory, Check.Results results) {
        int size = shape.size;
        Doubles norms = memory.doubles(new double[4]);
        double[] all = new double[size * SCALES.size()];
        for (int i = 0; i < SCALES.size(); i++) {
            double scale = SCALES.get(i);
            double[] values = random(i + 1, size, Double.isNaN(scale) ? 1 : scale);
            if (Double.isNaN(scale)) {
                values[size / 2] = Double.NaN;
            }
            Matrix gradients = memory.flat(values);
            memory.operations().clip(gradients, shape.limit, shape.bound, norms);
            double[] clipped = gradients.read();
            boolean keptInBounds = Math.min(shape.limit, shape.bound) < 1e9 && scale > 1e9;
            for (int k = 0; k < size; k++) {
                // Values are in units of the scale; the number 7 replaces NaN, which never equals itself.
                all[i * size + k] = Double.isNaN(scale) ? Double.isNaN(clipped[k]) ? 7 : clipped[k]
                        : keptInBounds ? clipped[k] : clipped[k] / scale;
            }
        }
        results.close("gradients", all);
        double[] read = norms.read();
        // The largest norm is far above the others; its logarithm keeps them significant in the comparison.
        results.close("norms", read[0], Math.log(read[1]), read[2], read[3]);
    }
}
