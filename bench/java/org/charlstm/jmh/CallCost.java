package org.charlstm.jmh;

import module java.base;
import org.charlstm.cuda.Binding;
import org.charlstm.cuda.jcuda.JcudaBinding;
import org.charlstm.cuda.panama.PanamaBinding;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.GpuOptions;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Vocabulary;
import org.charlstm.train.DivergenceException;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * The host's time for calls of NVIDIA's libraries: for single calls as a program writes them with Panama, through each
 * binding and through the library, and for a training step of the lab's model, replayed as a graph or told call by
 * call. {@code bench/calls.sh [JMH OPTION]...} runs it and prints a table.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class CallCost {
    private static final String RAW = "panama-raw";
    private static final int STEPS = 500;

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

    /** A way to call. */
    @State(Scope.Thread)
    public static class Way {
        @Param({RAW, "panama", "panama-library", "jcuda", "jcuda-library"})
        private String way;

        private GpuWork work;
        private Calls calls;

        /** Opens the libraries. */
        @Setup(Level.Trial)
        public void open() {
            work = new GpuWork(way.startsWith("jcuda") ? new JcudaBinding() : new PanamaBinding());
            calls = switch (way) {
                case RAW -> new RawPanamaCalls(work);
                case "panama", "jcuda" -> work;
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
    }

    /** A training through a binding, on libraries that do nothing: nothing is computed, and no loss is a number. */
    @State(Scope.Thread)
    public static class Training {
        private static final int BATCH = 128;

        @Param({"panama-graph", "panama-eager", "jcuda-graph", "jcuda-eager"})
        private String way;

        private Device device;
        private Model model;
        private Trainer trainer;
        private MethodHandle calls;

        /** Opens the device and a model of the lab's sizes. */
        @Setup(Level.Trial)
        @SuppressWarnings("restricted")
        public void open() {
            Captions captions = Captions.generated(STEPS * BATCH, 1);
            Corpus corpus = Corpus.encode(captions, Vocabulary.of(captions));
            device = Devices.open("cuda", DeviceOptions.DEFAULT.with(new GpuOptions(GpuOptions.Engine.AUTO,
                    GpuOptions.Algorithm.STANDARD, way.endsWith("graph"), true,
                    GpuOptions.named(Binding.class, binding(way)))));
            model = new Model(device, Initializer.keras(Models.of(corpus.vocabulary().size(), 128, 128), 1));
            trainer = new Trainer(model, corpus, new TrainingOptions(BATCH, 0.001, 1, false));
            calls = Linker.nativeLinker().downcallHandle(counter().orElseThrow(),
                    FunctionDescriptor.of(ValueLayout.JAVA_LONG));
        }

        /** Closes them. */
        @TearDown(Level.Trial)
        public void close() {
            trainer.close();
            model.close();
            device.close();
        }
    }

    /** Calls of NVIDIA's libraries: JMH gives the time of each beside that of a step. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Count {
        /** How many. */
        public long calls;
    }

    /** cuLaunchKernel. */
    @Benchmark
    public void launch(Way way) throws Throwable {
        way.calls.launch();
    }

    /** cublasSgemm. */
    @Benchmark
    public void product(Way way) throws Throwable {
        way.calls.product();
    }

    /** cuMemcpyHtoDAsync. */
    @Benchmark
    public void copy(Way way) throws Throwable {
        way.calls.copy();
    }

    /** cuEventRecord. */
    @Benchmark
    public void record(Way way) throws Throwable {
        way.calls.record();
    }

    /** An epoch of {@value #STEPS} steps. */
    @Benchmark
    @OperationsPerInvocation(STEPS)
    public void step(Training training, Count count) throws Throwable {
        long before = (long) training.calls.invokeExact();
        try {
            training.trainer.epoch(EpochListener.NONE);
        } catch (DivergenceException _) {
            // The epoch is over, as it is without this.
        }
        count.calls += (long) training.calls.invokeExact() - before;
    }

    /**
     * Measures and prints. Steps are measured on libraries that do nothing alone, since those count calls.
     *
     * @param arguments JMH's options
     * @throws CommandLineOptionException if they are none
     * @throws RunnerException            if a benchmark fails
     */
    public static void main(String[] arguments) throws CommandLineOptionException, RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder().parent(new CommandLineOptions(arguments))
                .include("\\.CallCost\\." + (counter().isPresent() ? "" : "(?!step)"))
                .addProfiler(GCProfiler.class).shouldFailOnError(true).build()).run();
        List<String> lines = new ArrayList<>();
        lines.add(String.format("%n%-10s %-14s %10s %10s %10s %10s", "call", "way", "ns", "to raw", "bytes", "calls"));
        for (RunResult result : results) {
            String way = result.getParams().getParam("way");
            double least = least(result);
            String raw = results.stream().filter(other -> Runs.method(other).equals(Runs.method(result))
                    && other.getParams().getParam("way").equals(RAW)).findFirst()
                    .map(other -> String.format(Locale.ROOT, "%.2f", least / least(other))).orElse("");
            Result<?> ofACall = result.getSecondaryResults().get("calls");
            lines.add(String.format(Locale.ROOT, "%-10s %-14s %10.1f %10s %10.0f %10.0f", Runs.method(result), way,
                    least, raw, result.getSecondaryResults().get("gc.alloc.rate.norm").getScore(),
                    ofACall == null ? 1 : result.getPrimaryResult().getScore() / ofACall.getScore()));
        }
        lines.forEach(System.out::println);
        System.out.println("Times are those of the fastest iteration: on a shared machine the others are disturbed.");
    }

    /** What counts the calls of libraries that do nothing; no others have it. */
    @SuppressWarnings("restricted")
    private static Optional<MemorySegment> counter() {
        return SymbolLookup.libraryLookup(System.getenv("CHARLSTM_LIBCUDA"), Arena.global()).find("null_gpu_calls");
    }

    /** The binding of a way, for example panama of panama-raw. */
    private static String binding(String way) {
        return way.split("-", 2)[0];
    }

    private static double least(RunResult result) {
        return result.getBenchmarkResults().stream().flatMap(fork -> fork.getIterationResults().stream())
                .map(IterationResult::getPrimaryResult).mapToDouble(primary -> primary.getScore()).min().orElseThrow();
    }
}
