package org.charlstm.jmh;

import module java.base;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.nn.Network;
import org.charlstm.nn.Optimiser;
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

/** A whole training step on the CPU device: batch, forward, loss, backward, update. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class StepCost extends Modelled {
    @Param("173")
    int steps;
    @Param("128")
    int batch;

    private CorpusBuffer corpus;
    private Ints order;
    private Ints cursor;
    private Ints inputs;
    private Ints targets;
    private Doubles totals;
    private Network network;
    private Optimiser optimiser;
    private Matrix gradients;

    /** Makes the network and a corpus of one batch. */
    @Setup(Level.Trial)
    public void fill() {
        corpus = corpus(batch, steps);
        order = memory.ints(batch);
        order.write(IntStream.range(0, batch).toArray());
        cursor = memory.ints(1);
        inputs = memory.ints(Math.multiplyExact(steps, batch));
        targets = memory.ints(inputs.length());
        totals = memory.doubles(Operations.TOTALS);
        network = new Network(model, memory, steps, batch, true);
        optimiser = new Optimiser(model, memory, RmsProp.KERAS, 1);
        gradients = model.flatBuffer(memory);
    }

    /** The step. */
    @Benchmark
    public void trainingStep() {
        optimiser.begin(0, RmsProp.LEARNING_RATE);
        device.operations().gather(corpus, order, cursor, inputs, targets, batch, Padding.COUNTED);
        network.train(new Network.Batch(inputs, targets), totals, gradients);
        optimiser.update(gradients);
    }
}
