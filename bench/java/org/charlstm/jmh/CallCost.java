package org.charlstm.jmh;

import java.util.concurrent.TimeUnit;
import org.charlstm.cuda.jcuda.JcudaBinding;
import org.charlstm.cuda.panama.PanamaBinding;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One call of NVIDIA's libraries, as a program writes it by itself and through each binding: what a binding adds.
 * {@link CallTable} compares the ways.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class CallCost {
    @Param({"panama-raw", "panama", "panama-library", "jcuda-raw", "jcuda", "jcuda-library"})
    private String way;

    private GpuWork work;
    private Calls calls;

    /** The calls that are timed, in one of the ways. */
    interface Calls {
        /** A kernel with prepared arguments. */
        void launch() throws Throwable;

        /** A product of two float32 matrices. */
        void product() throws Throwable;

        /** A copy of 1 KiB to the device. */
        void copy() throws Throwable;

        /** The record of an event. */
        void record() throws Throwable;

        /** Waits for what this way has enqueued on a stream of its own. */
        default void await() {
        }
    }

    /** Opens the libraries. */
    @Setup(Level.Trial)
    public void open() {
        work = new GpuWork(way.startsWith("jcuda") ? new JcudaBinding() : new PanamaBinding());
        calls = switch (way) {
            case "panama-raw" -> new RawPanamaCalls(work);
            case "jcuda-raw" -> new RawJcudaCalls(work);
            case "panama", "jcuda" -> new BindingCalls(work);
            case "panama-library", "jcuda-library" -> new LibraryCalls(work);
            default -> throw new IllegalArgumentException(way);
        };
    }

    /** Closes them. */
    @TearDown(Level.Trial)
    public void close() {
        work.close();
    }

    /** No more waits than one an iteration. */
    @TearDown(Level.Iteration)
    public void await() {
        calls.await();
        work.await();
    }

    /** cuLaunchKernel. */
    @Benchmark
    public void launch() throws Throwable {
        calls.launch();
    }

    /** cublasSgemm. */
    @Benchmark
    public void product() throws Throwable {
        calls.product();
    }

    /** cuMemcpyHtoDAsync. */
    @Benchmark
    public void copy() throws Throwable {
        calls.copy();
    }

    /** cuEventRecord. */
    @Benchmark
    public void record() throws Throwable {
        calls.record();
    }
}
