package org.charlstm.device.cpu.tools;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Measures a processor's peak rate in Java, with independent multiply-adds in registers. */
public final class MultiplyAdds {
    /** Independent sums: two units with a latency of five cycles need ten; AVX2's registers allow 12. */
    private static final int CHAINS = 12;
    private static final int ROUNDS = 10_000;
    /** Floating-point operations of one {@link #run}. */
    public static final double FLOPS = 2.0 * ROUNDS * CHAINS * Lanes.COUNT;

    /** Factors in an array, because the compiler would rebuild vectors of constants before each use. */
    private static final float[] FACTORS = {0.999f, 0.001f};
    /** Calls per thread in a timed round, which takes some milliseconds. */
    private static final int CALLS = 100;
    /** Nanoseconds for the compiler to optimise the loop, and for the timed rounds, the best of which counts. */
    private static final long WARM_UP = 400_000_000;
    private static final long MEASURING = 300_000_000;

    /** Runs all chains once, from different values, else one chain would suffice; the result depends on all chains. */
    public static float run() {
        FloatVector m = Lanes.all(FACTORS[0]);
        FloatVector a = Lanes.all(FACTORS[1]);
        FloatVector x0 = a.mul(0f);
        FloatVector x1 = a.mul(1f);
        FloatVector x2 = a.mul(2f);
        FloatVector x3 = a.mul(3f);
        FloatVector x4 = a.mul(4f);
        FloatVector x5 = a.mul(5f);
        FloatVector x6 = a.mul(6f);
        FloatVector x7 = a.mul(7f);
        FloatVector x8 = a.mul(8f);
        FloatVector x9 = a.mul(9f);
        FloatVector x10 = a.mul(10f);
        FloatVector x11 = a.mul(11f);
        for (int i = 0; i < ROUNDS; i++) {
            x0 = m.fma(a, x0);
            x1 = m.fma(a, x1);
            x2 = m.fma(a, x2);
            x3 = m.fma(a, x3);
            x4 = m.fma(a, x4);
            x5 = m.fma(a, x5);
            x6 = m.fma(a, x6);
            x7 = m.fma(a, x7);
            x8 = m.fma(a, x8);
            x9 = m.fma(a, x9);
            x10 = m.fma(a, x10);
            x11 = m.fma(a, x11);
        }
        return x0.add(x1).add(x2).add(x3).add(x4).add(x5).add(x6).add(x7).add(x8).add(x9).add(x10).add(x11)
                .reduceLanes(VectorOperators.ADD);
    }

    /** Floating-point operations per second of all threads together, in the best of many rounds. */
    public static double ceiling(Workers workers) {
        float[] sums = new float[workers.count()];
        long start = System.nanoTime();
        while (System.nanoTime() - start < WARM_UP) {
            workers.run(workers.count(), shard -> sums[shard] += run());
        }
        double best = 0;
        long measured = System.nanoTime();
        while (System.nanoTime() - measured < MEASURING) {
            long round = System.nanoTime();
            workers.run(workers.count(), shard -> {
                for (int i = 0; i < CALLS; i++) {
                    sums[shard] += run();
                }
            });
            best = Math.max(best, workers.count() * CALLS * FLOPS / (1e-9 * (System.nanoTime() - round)));
        }
        for (float sum : sums) {
            if (!Float.isFinite(sum)) {
                throw new IllegalStateException("multiply-adds gave " + sum);
            }
        }
        return best;
    }
}
