package org.charlstm.cuda;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.cuda.CudnnRnn.Shape;
import org.charlstm.cuda.CudnnRnn.State;

/** A network by cuDNN, its data on the GPU, and the same in double. */
final class RnnCase implements AutoCloseable {
    private final SplittableRandom random = new SplittableRandom(7);
    private final Cuda gpu;
    private final Resources made = new Resources();
    private final RnnDescription description;
    private final Shape shape;
    private final CudaType type;
    private final CudnnRnn rnn;
    private final CudnnRnn.Space space;
    private final RnnInDouble oracle;
    private final RnnInDouble.Input input;
    private final int lines;
    private final int states;

    RnnCase(Cuda gpu, RnnDescription description, Shape shape) {
        this.gpu = gpu;
        this.description = description;
        this.shape = shape;
        type = description.type();
        rnn = gpu.rnn(description, shape);
        made.add(rnn::close);
        space = rnn.newSpace();
        made.add(space::close);
        RnnWeights weights = rnn.weights();
        oracle = RnnInDouble.of(description, weights, shape);
        lines = shape.steps() * shape.batch();
        states = description.layers() * description.directions() * shape.batch();
        input = new RnnInDouble.Input(named(weights), numbers((long) lines * description.inputs()),
                numbers((long) states * description.outputs()),
                numbers(description.cell().hasCell() ? (long) states * description.units() : 0));
    }

    CudnnRnn.Space space() {
        return space;
    }

    /** Numbers that the type holds as they are. */
    private double[] numbers(long count) {
        return random.doubles(count, -1, 1).map(value -> type == CudaType.FLOAT32 ? (float) value
                : type.value(type.bits((float) value))).toArray();
    }

    /** Weights put in by their names: what a caller with weights of another program does. */
    private double[] named(RnnWeights weights) {
        double[] all = new double[(int) weights.count()];
        for (RnnWeights.Weight weight : weights.all()) {
            int size = weight.rows() * weight.columns();
            System.arraycopy(numbers(size), 0, all, (int) weight.matrix(), size);
            if (weight.bias() >= 0) {
                System.arraycopy(numbers(weight.rows()), 0, all, (int) weight.bias(), weight.rows());
            }
        }
        return all;
    }

    private CudaBuffer buffer(double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        CudaBuffer buffer = gpu.uninitialised(type, values.length, "data");
        made.add(buffer::close);
        buffer.write(floats);
        return buffer;
    }

    /** The line of the layout that has a step of a sequence; -1 for padding of packed sequences. */
    private int place(int t, int b) {
        if (shape.layout() == RnnDataLayout.PACKED) {
            return t >= shape.lengths().get(b) ? -1
                    : b + shape.lengths().stream().mapToInt(length -> Math.min(length, t)).sum();
        }
        return shape.layout() == RnnDataLayout.BY_STEP ? t * shape.batch() + b : b * shape.steps() + t;
    }

    /** Time-major values as the layout has them, NaN for padding. */
    private CudaBuffer sequences(double[] values) {
        int columns = values.length / lines;
        double[] laidOut = new double[(int) shape.rows() * columns];
        Arrays.fill(laidOut, Double.NaN);
        for (int t = 0; t < shape.steps(); t++) {
            for (int b = 0; b < shape.batch(); b++) {
                if (t < shape.lengths().get(b)) {
                    System.arraycopy(values, (t * shape.batch() + b) * columns, laidOut, place(t, b) * columns,
                            columns);
                }
            }
        }
        return buffer(laidOut);
    }

    /** Time-major values of a buffer in the layout; of those that its shape leaves undefined, zeros. */
    private double[] sequences(CudaBuffer buffer, boolean undefined) {
        float[] floats = buffer.toFloats();
        int columns = floats.length / (int) shape.rows();
        double[] values = new double[lines * columns];
        for (int i = 0; i < values.length; i++) {
            int line = i / columns;
            int t = line / shape.batch();
            int b = line % shape.batch();
            boolean ended = t >= shape.lengths().get(b);
            values[i] = place(t, b) < 0 || (ended && undefined) ? 0 : floats[place(t, b) * columns + i % columns];
        }
        return values;
    }

    private State state(double[] h, double[] c) {
        return new State(buffer(h), c.length == 0 ? null : buffer(c));
    }

    private State zeros() {
        return state(new double[input.h().length], new double[input.c().length]);
    }

    private void agree(String what, double[] expected, double[] actual, double tolerance) {
        Agreement.require(description + ", " + shape + ": " + what, expected, actual, tolerance);
    }

    private void agree(String what, double[] expected, CudaBuffer actual, double tolerance) {
        float[] floats = actual.toFloats();
        double[] values = new double[floats.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = floats[i];
        }
        agree(what, expected, values, tolerance);
    }

    private void agree(String what, double[] h, double[] c, State actual, double tolerance) {
        agree("h of " + what, h, actual.h(), tolerance);
        if (c.length > 0) {
            agree("c of " + what, c, actual.c(), tolerance);
        }
    }

    void forward(double tolerance) {
        CudaBuffer weights = buffer(input.weights());
        CudaBuffer x = sequences(input.x());
        CudaBuffer y = sequences(new double[lines * description.columns()]);
        State last = zeros();
        RnnInDouble.Output expected = oracle.forward(input);
        rnn.forward(space, weights, x, y, state(input.h(), input.c()), last);
        agree("y", expected.y(), sequences(y, false), tolerance);
        agree("the last state", expected.h(), expected.c(), last, tolerance);
        RnnInDouble.Output fromZeros = oracle.forward(new RnnInDouble.Input(input.weights(), input.x(),
                new double[input.h().length], new double[input.c().length]));
        rnn.forward(space, weights, x, y, State.NONE, State.NONE);
        agree("y from zeros", fromZeros.y(), sequences(y, false), tolerance);
    }

    void backward(double tolerance) {
        CudaBuffer weights = buffer(input.weights());
        CudaBuffer x = sequences(input.x());
        CudaBuffer y = sequences(new double[lines * description.columns()]);
        State first = state(input.h(), input.c());
        State last = zeros();
        RnnInDouble.Output of = new RnnInDouble.Output(numbers((long) lines * description.columns()),
                numbers(input.h().length), numbers(input.c().length));
        rnn.forward(space, weights, x, y, first, last);
        CudaBuffer dx = sequences(new double[input.x().length]);
        State dFirst = zeros();
        rnn.backwardData(space, weights, y, sequences(of.y()), dx, first, state(of.h(), of.c()), dFirst);
        CudaBuffer dWeights = buffer(new double[input.weights().length]);
        rnn.backwardWeights(space, x, first, y, dWeights);
        agree("dx", oracle.gradients(input, input.x(), of), sequences(dx, true), tolerance);
        agree("the first state's gradient", oracle.gradients(input, input.h(), of),
                oracle.gradients(input, input.c(), of), dFirst, tolerance);
        agree("the gradients of weights", oracle.gradients(input, input.weights(), of), dWeights, tolerance);
    }

    @Override
    public void close() {
        made.close();
    }
}
