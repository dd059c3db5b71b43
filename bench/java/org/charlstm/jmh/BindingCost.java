package org.charlstm.jmh;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import org.charlstm.cuda.Binding;
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

/**
 * The host's time for a training step of the lab's model through each binding of NVIDIA's libraries, replayed as a
 * graph or told call by call. Needs the libraries of {@code bench/nullgpu/build.sh}, which take no time themselves, in
 * CHARLSTM_LIBCUDA, CHARLSTM_LIBCUBLAS and CHARLSTM_LIBCUDNN: {@code bench/bindings.sh} sees to that.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class BindingCost {
    private static final int BATCH = 128;
    private static final int STEPS = 500;

    @Param({"panama", "jcuda"})
    private String binding;
    @Param({"graph", "eager"})
    private String mode;

    private Device device;
    private Model model;
    private Trainer trainer;
    private MethodHandle calls;

    /** Calls of NVIDIA's libraries: JMH gives the time of each beside that of a step. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Calls {
        /** How many. */
        public long call;
    }

    /** Opens the device and a model of the lab's sizes. */
    @Setup(Level.Trial)
    @SuppressWarnings("restricted")
    public void open() {
        Captions captions = Captions.generated(STEPS * BATCH, 1);
        Corpus corpus = Corpus.encode(captions, Vocabulary.of(captions));
        device = Devices.open("cuda", DeviceOptions.DEFAULT.with(new GpuOptions(GpuOptions.Engine.AUTO,
                GpuOptions.Algorithm.STANDARD, mode.equals("graph"), true,
                GpuOptions.named(Binding.class, binding))));
        model = new Model(device, Initializer.keras(Models.of(corpus.vocabulary().size(), 128, 128), 1));
        trainer = new Trainer(model, corpus, new TrainingOptions(BATCH, 0.001, 1, false));
        calls = Linker.nativeLinker().downcallHandle(SymbolLookup.libraryLookup(System.getenv("CHARLSTM_LIBCUDA"),
                Arena.global()).findOrThrow("null_gpu_calls"), FunctionDescriptor.of(ValueLayout.JAVA_LONG));
    }

    /** Closes them. */
    @TearDown(Level.Trial)
    public void close() {
        trainer.close();
        model.close();
        device.close();
    }

    /**
     * An epoch of {@value #STEPS} steps. Nothing has been computed then: its mean loss is no number.
     *
     * @param counters where calls are counted
     * @return how many calls there were
     * @throws Throwable never
     */
    @Benchmark
    @OperationsPerInvocation(STEPS)
    public long step(Calls counters) throws Throwable {
        long before = (long) calls.invokeExact();
        try {
            trainer.epoch(EpochListener.NONE);
        } catch (DivergenceException _) {
            // The epoch is over, as it is without this.
        }
        long more = (long) calls.invokeExact() - before;
        counters.call += more;
        return more;
    }
}
