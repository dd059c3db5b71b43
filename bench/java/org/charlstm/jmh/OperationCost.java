package org.charlstm.jmh;

import module java.base;
import org.charlstm.device.Activation;
import org.charlstm.device.BatchNorm;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.Dense;
import org.charlstm.device.Doubles;
import org.charlstm.device.Draw;
import org.charlstm.device.Dropout;
import org.charlstm.device.Embedding;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.selftest.TrialMemory;
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
import org.openjdk.jmh.annotations.Warmup;

/** Each operation of the CPU device by itself, in a training step's sizes; draw in a batch's. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class OperationCost extends Modelled {
    @Param("173")
    int steps;
    @Param("128")
    int batch;

    private Operations operations;
    private Rnn lstm;
    private Dense dense1;
    private Dense dense2;
    private final Dropout dropout = new Dropout(0.2, 1, 0);
    private BatchNorm batchNorm;
    private Embedding embedding;
    private TiedKernel tied;
    private CorpusBuffer corpus;
    private Ints order;
    private Ints cursor;
    private Ints inputs;
    private Ints targets;
    private Ints sentences;
    private Ints drawn;
    private Matrix hiddenRows;
    private Matrix hiddenGradient;
    private Matrix middle;
    private Matrix middleGradient;
    /** gamma, beta and moving values; and a table with its tied kernel. */
    private Matrix normWeights;
    private Matrix normGradients;
    private Matrix tableWeights;
    private Matrix tableGradients;
    private Matrix logits;
    private Matrix logitsGradient;
    private Matrix firstLogits;
    private Matrix gradients;
    private final UpdateRule rule = RmsProp.KERAS;
    private List<Matrix> meanSquares;
    private Doubles rate;
    private Ints step;
    private Doubles totals;
    private Doubles count;

    /** Makes the layers and fills every buffer with what a training step has in it. */
    @Setup(Level.Trial)
    public void fill() {
        operations = device.operations();
        int rows = Math.multiplyExact(steps, batch);
        lstm = operations.rnn(memory, new Rnn.Shape(
                new Rnn.Layers(InputShape.ofIds(symbols), hidden, 1), steps, batch, true), model.offset(0));
        dense1 = operations.dense(memory, new Dense.Shape(hidden, hidden, rows, Activation.RELU), model.offset(1));
        dense2 = operations.dense(memory, new Dense.Shape(hidden, symbols, rows, Activation.LINEAR), model.offset(2));
        corpus = corpus(batch, steps);
        order = ints(IntStream.range(0, batch).toArray());
        cursor = memory.ints(1);
        inputs = memory.ints(rows);
        targets = memory.ints(rows);
        sentences = ints(IntStream.range(0, batch).toArray());
        drawn = memory.ints(batch);
        hiddenRows = memory.matrix(rows, hidden);
        hiddenGradient = memory.matrix(rows, hidden);
        middle = memory.matrix(rows, hidden);
        middleGradient = memory.matrix(rows, hidden);
        logits = memory.matrix(rows, symbols);
        logitsGradient = memory.matrix(rows, symbols);
        firstLogits = memory.matrix(batch, symbols);
        firstLogits.write(TrialMemory.random(2, batch * symbols, 3));
        gradients = model.flatBuffer(memory);
        meanSquares = List.of(model.flatBuffer(memory));
        step = memory.ints(1);
        rate = memory.doubles(1);
        rate.write(new double[] {RmsProp.LEARNING_RATE});
        totals = memory.doubles(Operations.TOTALS);
        count = memory.doubles(1);
        count.write(new double[] {rows});
        int normSize = operations.batchNormLayout(hidden).size();
        normWeights = memory.flat(Math.ceilDiv(normSize, 64) * 64 + 2 * hidden);
        normGradients = memory.flat(normSize);
        batchNorm = operations.batchNorm(memory, new BatchNorm.Shape(hidden, rows, 0.99, 1e-3, true), 0,
                normWeights.columns() - 2 * hidden);
        embedding = operations.embedding(memory, new Embedding.Shape(symbols, hidden, rows), 0);
        tied = new TiedKernel(symbols, hidden, 0, operations.embeddingLayout(symbols, hidden).size());
        tableWeights = memory.flat(tied.dense() + operations.denseLayout(hidden, symbols).size());
        tableGradients = memory.flat(tableWeights.columns());
        gather();
        lstmForward();
        denseForward();
        crossEntropy();
        denseBackward();
        lstm.backward(model.flatWeights(), new Input.Ids(inputs), hiddenRows, hiddenGradient, null, gradients);
        normForward();
    }

    private Ints ints(int[] values) {
        Ints ints = memory.ints(values.length);
        ints.write(values);
        return ints;
    }

    /** A forward pass before each backward pass, which uses up what the former kept. Its time does not count. */
    @State(Scope.Benchmark)
    public static class Forwarded {
        /**
         * Runs it.
         *
         * @param cost whose LSTM
         */
        @Setup(Level.Invocation)
        public void forward(OperationCost cost) {
            cost.lstmForward();
        }
    }

    /** The LSTM from a state of zeros. */
    @Benchmark
    public void lstmForward() {
        lstm.forward(model.flatWeights(), new Input.Ids(inputs), null, hiddenRows);
    }

    /**
     * The LSTM's gradients.
     *
     * @param forwarded sees to what it needs
     */
    @Benchmark
    public void lstmBackward(Forwarded forwarded) {
        lstm.backward(model.flatWeights(), new Input.Ids(inputs), hiddenRows, hiddenGradient, null, gradients);
    }

    /** Both dense layers. */
    @Benchmark
    public void denseForward() {
        dense1.forward(model.flatWeights(), hiddenRows, middle);
        dense2.forward(model.flatWeights(), middle, logits);
    }

    /** Both dense layers' gradients. */
    @Benchmark
    public void denseBackward() {
        dense2.backward(model.flatWeights(), middle, logits, logitsGradient, middleGradient, gradients);
        dense1.backward(model.flatWeights(), hiddenRows, middle, middleGradient, hiddenGradient, gradients);
    }

    /** Dropout one way, in place as in a model's backward pass. */
    @Benchmark
    public void dropout() {
        operations.dropout(dropout, cursor, middle, middle);
    }

    /** Batch normalisation. */
    @Benchmark
    public void normForward() {
        batchNorm.forward(normWeights, hiddenRows, middle);
    }

    /** Its gradients, after the pass that the set-up made. */
    @Benchmark
    public void normBackward() {
        batchNorm.backward(normWeights, hiddenRows, hiddenGradient, middleGradient, normGradients);
    }

    /** An embedding of as many units. */
    @Benchmark
    public void embeddingForward() {
        embedding.forward(tableWeights, inputs, middle);
    }

    /** Its gradient. */
    @Benchmark
    public void embeddingBackward() {
        embedding.backward(inputs, hiddenGradient, tableGradients);
    }

    /** A kernel tied to its table, and its gradient added to the table's. */
    @Benchmark
    public void tiedKernel() {
        operations.copyTied(tied, tableWeights);
        operations.gatherTied(tied, tableGradients);
    }

    /** Softmax, cross-entropy and its gradient. */
    @Benchmark
    public void crossEntropy() {
        operations.crossEntropy(logits, targets, count, logitsGradient, totals);
    }

    /** The update of all weights. */
    @Benchmark
    public void rmsProp() {
        operations.update(rule, model.flatWeights(), gradients, meanSquares, rate, step);
    }

    /** A batch out of the corpus. */
    @Benchmark
    public void gather() {
        operations.gather(corpus, order, cursor, inputs, targets, batch, Padding.COUNTED);
    }

    /** A symbol for each sequence of a batch. */
    @Benchmark
    public void draw() {
        operations.draw(firstLogits, Draw.at(1), 1, sentences, cursor, drawn);
    }
}
