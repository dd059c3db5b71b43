package org.charlstm.jmh;

import module java.base;
import org.charlstm.device.Draw;
import org.charlstm.device.Ints;
import org.charlstm.nn.Network;
import org.charlstm.nn.NetworkState;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.Warmup;

/** One step of sampling on the CPU device: draw a symbol for each stream and feed it to the model. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SamplingCost extends Modelled {
    @Param({"1", "64"})
    int streams;

    private Ints symbol;
    private Ints sentences;
    private Ints position;
    private NetworkState state;
    private Network network;

    /** Makes the one-step network and feeds it a first symbol. */
    @Setup(Level.Trial)
    public void fill() {
        symbol = memory.ints(streams);
        sentences = memory.ints(streams);
        sentences.write(IntStream.range(0, streams).toArray());
        position = memory.ints(1);
        network = new Network(model, memory, 1, streams, false);
        state = network.newState(memory);
        network.forward(symbol, state);
    }

    /** The step. */
    @Benchmark
    public void samplingStep() {
        device.operations().draw(network.logits(), Draw.at(1), 1, sentences, position, symbol);
        device.operations().add(position, 1);
        network.forward(symbol, state);
    }
}
