package org.charlstm.nn;

import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.charlstm.device.Lstm;
import org.charlstm.device.Lstm.Input;
import org.charlstm.device.Lstm.InputShape;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.Sampling;
import org.charlstm.device.WeightLayout;
import org.jspecify.annotations.Nullable;

/**
 * An LSTM whose output has all time steps; {@link Lstm} has the formula. Its tensors are the kernel
 * (I, 4H), the recurrent kernel (H, 4H) and the bias (4H), gates i, f, c, o.
 */
public record LstmLayer(int units, RecurrentActivation recurrentActivation) implements Layer {
    /** A layer with sigmoid gates. */
    public LstmLayer(int units) {
        this(units, RecurrentActivation.SIGMOID);
    }

    @Override
    public String kind() {
        return "lstm";
    }

    @Override
    public int width(int inputs) {
        return units;
    }

    @Override
    public List<TensorSpec> tensors(String name, int inputs) {
        return List.of(new TensorSpec(name + ".kernel", List.of(inputs, 4 * units), Initializer.GLOROT_UNIFORM),
                new TensorSpec(name + ".recurrent_kernel", List.of(units, 4 * units), Initializer.ORTHOGONAL),
                new TensorSpec(name + ".bias", List.of(4 * units), Initializer.UNIT_FORGET_BIAS));
    }

    /**
     * Equal layers, one above the other.
     *
     * @param layers the lowest first
     * @param ofIds  whether the lowest takes ids
     */
    record Stack(LstmLayer lstm, List<ModelConfig.Named> layers, boolean ofIds) implements Block {
        @Override
        public List<TensorSpec> tensors() {
            return layers.stream().flatMap(layer -> layer.tensors().stream()).toList();
        }

        private Lstm.Layers shape() {
            int inputs = layers.getFirst().inputs();
            return new Lstm.Layers(ofIds ? InputShape.ofIds(inputs) : InputShape.ofMatrix(inputs), lstm.units,
                    layers.size(), lstm.recurrentActivation);
        }

        @Override
        public WeightLayout layout(Operations operations) {
            return operations.lstmLayout(shape());
        }

        @Override
        public Pass pass(Context context, @Nullable Pass below) {
            Lstm.Shape shape = new Lstm.Shape(shape(), context.steps(), context.batch(), context.training());
            Lstm computed = context.operations().lstm(context.memory(), shape, context.offset(), context.head());
            Matrix output = context.memory().matrix(context.rows(), lstm.units);
            Matrix gradient = context.training() ? context.memory().matrix(context.rows(), lstm.units) : output;
            int carried = Math.multiplyExact(layers.size(), context.batch());
            return new Pass(output, gradient) {
                @Override
                void forward(Matrix weights, Input input, Lstm.@Nullable State state) {
                    computed.forward(weights, input, state, output);
                }

                @Override
                List<Integer> partRows() {
                    return computed.partRows(context.steps(), context.batch());
                }

                @Override
                void forward(Matrix weights, Input input, Lstm.@Nullable State state, IntConsumer parts) {
                    computed.forward(weights, input, state, output, parts);
                }

                @Override
                void backward(Matrix weights, Input input, @Nullable Matrix inputGradient,
                        Lstm.@Nullable State stateGradient, Matrix gradients) {
                    computed.backward(weights, input, output, outputGradient, inputGradient, stateGradient, gradients);
                }

                @Override
                Sampling.Layer placed(Lstm.@Nullable State state) {
                    return new Sampling.Layer.Recurrent(shape, context.offset(),
                            Objects.requireNonNull(state, "an LSTM has a state"));
                }

                @Override
                Lstm.State state(Memory memory) {
                    return new Lstm.State(memory.matrix(carried, lstm.units), memory.matrix(carried, lstm.units));
                }
            };
        }
    }
}
