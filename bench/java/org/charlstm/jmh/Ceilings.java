package org.charlstm.jmh;

import java.util.concurrent.TimeUnit;
import org.charlstm.device.cpu.tools.MultiplyAdds;
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
    /** Source and target together are beyond a first-level cache and within a second. */
    private static final int COPIED = 32 * 1024;
    private static final int COPIES = 16;

    /** Floating-point operations of one {@link #fma}. */
    static final double FMA_FLOPS = MultiplyAdds.FLOPS;
    /** Bytes that one {@link #copy} reads and writes. */
    static final double COPY_BYTES = 2.0 * COPIES * COPIED * Float.BYTES;

    private final float[] source = new float[COPIED];
    private final float[] target = new float[COPIED];

    /**
     * Independent fused multiply-adds in registers.
     *
     * @return something that needs them all
     */
    @Benchmark
    public float fma() {
        return MultiplyAdds.run();
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
