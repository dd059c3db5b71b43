package org.charlstm.bench;

import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The most that the processor gives through Java: every thread for itself, so run it on as many as the device has. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class Ceilings {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    /** Sums that do not wait for each other: two units by five cycles need ten, AVX2's 16 registers allow no more. */
    private static final int CHAINS = 12;
    private static final int ROUNDS = 10_000;
    /** Source and target together are beyond a first-level cache and within a second. */
    private static final int COPIED = 32 * 1024;
    private static final int COPIES = 16;

    /** Floating-point operations of one {@link #fma}. */
    static final double FMA_FLOPS = 2.0 * ROUNDS * CHAINS * SPECIES.length();
    /** Bytes that one {@link #copy} reads and writes. */
    static final double COPY_BYTES = 2.0 * COPIES * COPIED * Float.BYTES;

    private final float[] source = new float[COPIED];
    private final float[] target = new float[COPIED];
    private float factor = 0.999f;
    private float added = 0.001f;

    /**
     * Independent fused multiply-adds in registers, from values that differ, or one chain would do, and settle at 1.
     *
     * @return something that needs them all
     */
    @Benchmark
    public float fma() {
        FloatVector m = FloatVector.broadcast(SPECIES, factor);
        FloatVector a = FloatVector.broadcast(SPECIES, added);
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
            x0 = x0.fma(m, a);
            x1 = x1.fma(m, a);
            x2 = x2.fma(m, a);
            x3 = x3.fma(m, a);
            x4 = x4.fma(m, a);
            x5 = x5.fma(m, a);
            x6 = x6.fma(m, a);
            x7 = x7.fma(m, a);
            x8 = x8.fma(m, a);
            x9 = x9.fma(m, a);
            x10 = x10.fma(m, a);
            x11 = x11.fma(m, a);
        }
        return x0.add(x1).add(x2).add(x3).add(x4).add(x5).add(x6).add(x7).add(x8).add(x9).add(x10).add(x11)
                .reduceLanes(VectorOperators.ADD);
    }

    /**
     * Copies from the second-level cache to itself.
     *
     * @return the copy
     */
    @Benchmark
    public float[] copy() {
        for (int i = 0; i < COPIES; i++) {
            System.arraycopy(source, 0, target, 0, COPIED);
            // Each copy differs from the last, or one of them would do.
            source[i]++;
        }
        return target;
    }
}
