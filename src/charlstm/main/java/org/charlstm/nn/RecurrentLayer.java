package org.charlstm.nn;

import module java.base;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.spi.ComposedOperations;
import org.charlstm.device.spi.Sampling;
import org.jspecify.annotations.Nullable;

/** A recurrent layer that outputs all time steps; {@link RecurrentCell} has the formula and the tensors. */
public record RecurrentLayer(int units, RecurrentCell cell) implements Layer {
    /** An LSTM with sigmoid gates. */
    public RecurrentLayer(int units) {
        this(units, RecurrentCell.Lstm.SIGMOID);
    }

    @Override
    public String kind() {
        return cell.kind();
    }

    @Override
    public int width(int inputs) {
        return units;
    }

    @Override
    public List<TensorSpec> tensors(String name, int inputs) {
        int width = cell.width(units);
        return List.of(new TensorSpec(name + ".kernel", List.of(inputs, width), Initializer.GLOROT_UNIFORM),
                new TensorSpec(name + ".recurrent_kernel", List.of(units, width), Initializer.ORTHOGONAL),
                new TensorSpec(name + ".bias", cell.biasRows() == 1 ? List.of(width) : List.of(cell.biasRows(), width),
                        switch (cell) {
                            case RecurrentCell.Lstm _ -> Initializer.UNIT_FORGET_BIAS;
                            case RecurrentCell.Gru _,RecurrentCell.Elman _ -> Initializer.ZEROS;
                        }));
    }

    /** A stack of equal layers, the lowest first; the lowest may take ids. */
    record Stack(RecurrentLayer each, List<ModelConfig.Named> layers, boolean ofIds) implements Block {
        @Override
        public List<TensorSpec> tensors() {
            return layers.stream().flatMap(layer -> layer.tensors().stream()).toList();
        }

        private Rnn.Layers shape() {
            int inputs = layers.getFirst().inputs();
            return new Rnn.Layers(ofIds ? InputShape.ofIds(inputs) : InputShape.ofMatrix(inputs), each.units,
                    layers.size(), each.cell);
        }

        @Override
        public WeightLayout layout(Operations operations) {
            return operations.rnnLayout(shape());
        }

        @Override
        public Pass pass(Context context, @Nullable Pass below) {
            Rnn.Shape shape = new Rnn.Shape(shape(), context.steps(), context.batch(), context.training());
            Rnn computed = ComposedOperations.of(context.operations())
                    .map(each -> each.rnn(context.memory(), shape, context.offset(), context.head()))
                    .orElseGet(() -> context.operations().rnn(context.memory(), shape, context.offset()));
            Matrix output = context.memory().matrix(context.rows(), each.units);
            Matrix gradient = context.training() ? context.memory().matrix(context.rows(), each.units) : output;
            int carried = Math.multiplyExact(layers.size(), context.batch());
            return new Pass(output, gradient) {
                @Override
                void forward(Matrix weights, Input input, Rnn.@Nullable State state) {
                    computed.forward(weights, input, state, output);
                }

                @Override
                List<Integer> partRows() {
                    return computed.partRows(context.steps(), context.batch());
                }

                @Override
                void forward(Matrix weights, Input input, Rnn.@Nullable State state, IntConsumer parts) {
                    computed.forward(weights, input, state, output, parts);
                }

                @Override
                void backward(Matrix weights, Input input, @Nullable Matrix inputGradient,
                        Rnn.@Nullable State stateGradient, Matrix gradients) {
                    computed.backward(weights, input, output, outputGradient, inputGradient, stateGradient, gradients);
                }

                @Override
                Sampling.Layer placed(Rnn.@Nullable State state) {
                    return new Sampling.Layer.Recurrent(shape, context.offset(),
                            Objects.requireNonNull(state, "a recurrent layer has a state"));
                }

                @Override
                Rnn.State state(Memory memory) {
                    return new Rnn.State(memory.matrix(carried, each.units),
                            each.cell.hasCell() ? memory.matrix(carried, each.units) : null);
                }
            };
        }
    }
}
