package org.charlstm.selftest;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.device.Activation;
import org.charlstm.device.Dense;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.WeightLayout;

/** Layers that compute one thing wrongly. */
@SuppressWarnings({"EffectivelyPrivate", "UnusedMethod", "UnusedVariable"}) // Passing calls the methods.
final class SpoiledLayers {
    /** Changes a matrix after a layer's pass. */
    interface Change {
        void apply(double[] values, int offset);
    }

    private SpoiledLayers() {
    }

    static void change(Matrix matrix, Change change, int offset) {
        double[] values = matrix.read();
        change.apply(values, offset);
        matrix.write(values);
    }

    /** Runs after the forward pass of recurrent layers. */
    private interface AfterForward {
        void run(Rnn.Shape shape, int offset, Rnn.State state, Matrix output);
    }

    private static UnaryOperator<Operations> afterForward(AfterForward after) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public Rnn rnn(Memory memory, Rnn.Shape shape, int offset) {
                Rnn rnn = right.rnn(memory, shape, offset);
                return Passing.on(Rnn.class, rnn, new Object() {
                    public void forward(Matrix weights, Input input, Rnn.State state, Matrix output) {
                        rnn.forward(weights, input, state, output);
                        after.run(shape, offset, state, output);
                    }
                });
            }
        });
    }

    /** Runs after the backward pass of recurrent layers; its gradients of input and state may be null. */
    private interface AfterBackward {
        void run(int offset, Matrix inputGradient, Rnn.State stateGradient, Matrix gradients);
    }

    private static UnaryOperator<Operations> afterBackward(AfterBackward after) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public Rnn rnn(Memory memory, Rnn.Shape shape, int offset) {
                Rnn rnn = right.rnn(memory, shape, offset);
                return Passing.on(Rnn.class, rnn, new Object() {
                    public void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient,
                            Matrix inputGradient, Rnn.State stateGradient, Matrix gradients) {
                        rnn.backward(weights, input, output, outputGradient, inputGradient, stateGradient, gradients);
                        after.run(offset, inputGradient, stateGradient, gradients);
                    }
                });
            }
        });
    }

    static UnaryOperator<Operations> output(Change change) {
        return afterForward((shape, offset, state, output) -> change(output, change, offset));
    }

    static UnaryOperator<Operations> gradients(Change change) {
        return afterBackward((offset, input, state, gradients) -> change(gradients, change, offset));
    }

    static UnaryOperator<Operations> inputGradient(Change change) {
        return afterBackward((offset, input, state, gradients) -> {
            if (input != null) {
                change(input, change, 0);
            }
        });
    }

    static UnaryOperator<Operations> cellGradient(Change change) {
        return afterBackward((offset, input, state, gradients) -> {
            if (state != null) {
                change(state.cell(), change, 0);
            }
        });
    }

    /** An LSTM that gives up in the backward pass. */
    static Operations failing(Operations right) {
        return gradients((values, offset) -> {
            throw new CharlstmException("cudnnRNNBackwardWeights_v8 failed\nwith status 5000");
        }).apply(right);
    }

    /** An LSTM that forgets its cell and hands on the hidden state alone, in passes of at most so many steps. */
    static Operations cellLost(Operations right, int steps) {
        return afterForward((shape, offset, state, output) -> {
            if (state != null && shape.batch() > 1 && shape.steps() <= steps) {
                state.cell().write(new double[shape.batch() * shape.hidden()]);
            }
        }).apply(right);
    }

    /** Gates in the order f, i, c, o. */
    static Operations gatesSwapped(Operations right) {
        return packed(right, SpoiledLayers::swapped, SpoiledLayers::swapped);
    }

    /** One gate of one unit that opens a little too far. */
    static Operations gateShifted(Operations right) {
        return packed(right, (tensors, hidden) -> {
            double[][] shifted = tensors.clone();
            shifted[2] = tensors[2].clone();
            shifted[2][hidden - 1] += 1e-3;
            return shifted;
        }, (tensors, hidden) -> tensors);
    }

    /** Keras' tensors of layers of so many units, otherwise than they are. */
    private interface Turn {
        double[][] apply(double[][] tensors, int hidden);
    }

    private static Operations packed(Operations right, Turn in, Turn out) {
        return Passing.on(Operations.class, right, new Object() {
            public WeightLayout rnnLayout(Rnn.Layers layers) {
                int hidden = layers.hidden();
                WeightLayout layout = right.rnnLayout(layers);
                return Passing.on(WeightLayout.class, layout, new Object() {
                    public void pack(double[][] tensors, double[] flat, int offset) {
                        layout.pack(in.apply(tensors, hidden), flat, offset);
                    }
                    public double[][] unpack(double[] flat, int offset) {
                        return out.apply(layout.unpack(flat, offset), hidden);
                    }
                });
            }
        });
    }

    private static double[][] swapped(double[][] tensors, int hidden) {
        return Arrays.stream(tensors).map(tensor -> {
            double[] swapped = tensor.clone();
            for (int row = 0; row < tensor.length; row += 4 * hidden) {
                System.arraycopy(tensor, row, swapped, row + hidden, hidden);
                System.arraycopy(tensor, row + hidden, swapped, row, hidden);
            }
            return swapped;
        }).toArray(double[][]::new);
    }

    /** Spoils layers of one kind alone. */
    static UnaryOperator<Operations> only(String kind, UnaryOperator<Operations> spoil) {
        return right -> {
            Operations spoilt = spoil.apply(right);
            return Passing.on(Operations.class, right, new Object() {
                public Rnn rnn(Memory memory, Rnn.Shape shape, int offset) {
                    return (shape.layers().cell().kind().equals(kind) ? spoilt : right).rnn(memory, shape, offset);
                }
            });
        };
    }

    /** Layers of another cell than was asked for, with as many weights. */
    static UnaryOperator<Operations> as(UnaryOperator<RecurrentCell> other) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public Rnn rnn(Memory memory, Rnn.Shape shape, int offset) {
                Rnn.Layers layers = shape.layers();
                return right.rnn(memory, new Rnn.Shape(new Rnn.Layers(layers.input(), layers.hidden(), layers.count(),
                        other.apply(layers.cell())), shape.steps(), shape.batch(), shape.training()), offset);
            }
        });
    }

    /** The same cell with sigmoid gates. */
    static RecurrentCell smooth(RecurrentCell cell) {
        return cell.name().with(RecurrentActivation.SIGMOID, cell.biasRows() == 2);
    }

    /** A dense layer that leaves an activation out. */
    static UnaryOperator<Operations> lost(Activation activation) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public Dense dense(Memory memory, Dense.Shape shape, int offset) {
                return right.dense(memory, new Dense.Shape(shape.inputs(), shape.outputs(), shape.rows(),
                        shape.activation() == activation ? Activation.LINEAR : shape.activation()), offset);
            }
        });
    }

    /** The input's gradient after a dense layer's backward pass. */
    static UnaryOperator<Operations> denseInputGradient(Change change) {
        return dense(change, (values, offset) -> {});
    }

    /** The flat gradients after a dense layer's backward pass. */
    static UnaryOperator<Operations> denseGradients(Change change) {
        return dense((values, offset) -> {}, change);
    }

    private static UnaryOperator<Operations> dense(Change ofInput, Change flat) {
        return right -> Passing.on(Operations.class, right, new Object() {
            public Dense dense(Memory memory, Dense.Shape shape, int offset) {
                Dense dense = right.dense(memory, shape, offset);
                return Passing.on(Dense.class, dense, new Object() {
                    public void backward(Matrix weights, Matrix input, Matrix output, Matrix outputGradient,
                            Matrix inputGradient, Matrix gradients) {
                        dense.backward(weights, input, output, outputGradient, inputGradient, gradients);
                        change(inputGradient, ofInput, offset);
                        change(gradients, flat, offset);
                    }
                });
            }
        });
    }

    /** A dense layer that writes beyond its own gradients, which only shows beside another. */
    static Operations overrun(Operations right) {
        return Passing.on(Operations.class, right, new Object() {
            public Dense dense(Memory memory, Dense.Shape shape, int offset) {
                int end = offset + right.denseLayout(shape.inputs(), shape.outputs()).size();
                Dense dense = right.dense(memory, shape, offset);
                return Passing.on(Dense.class, dense, new Object() {
                    public void backward(Matrix weights, Matrix input, Matrix output, Matrix outputGradient,
                            Matrix inputGradient, Matrix gradients) {
                        dense.backward(weights, input, output, outputGradient, inputGradient, gradients);
                        if (end < gradients.columns()) {
                            change(gradients, (values, at) -> values[at] = 0, end);
                        }
                    }
                });
            }
        });
    }

    /** Every value a thousandth too large. */
    static void scale(double[] values, int offset) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= i < offset ? 1 : 1.001;
        }
    }
}
