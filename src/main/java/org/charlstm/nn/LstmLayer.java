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
 * An LSTM over all time steps, which gives its output at each; {@link Lstm} has the formula. Its tensors are the kernel
 * (I, 4H), the recurrent kernel (H, 4H) and the bias (4H), gates i, f, c, o.
 */
public record LstmLayer(int units, RecurrentActivation recurrentActivation) implements Layer {
    /** Sigmoid gates. */
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
     * Layers alike, one above the other.
     *
     * @param layers the layers, the lowest first
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
        public Pass pass(Place place, @Nullable Pass below) {
            Lstm.Shape shape = new Lstm.Shape(shape(), place.steps(), place.batch(), place.training());
            Lstm computed = place.operations().lstm(place.memory(), shape, place.offset(), place.head());
            Matrix output = place.memory().matrix(place.rows(), lstm.units);
            // Without a backward pass nobody writes a gradient.
            Matrix gradient = place.training() ? place.memory().matrix(place.rows(), lstm.units) : output;
            int carried = Math.multiplyExact(layers.size(), place.batch());
            return new Pass(output, gradient) {
                @Override
                void forward(Matrix weights, Input input, Lstm.@Nullable State state) {
                    computed.forward(weights, input, state, output);
                }

                @Override
                List<Integer> partRows() {
                    return computed.partRows(place.steps(), place.batch());
                }

                @Override
                void forward(Matrix weights, Input input, Lstm.@Nullable State state, IntConsumer told) {
                    computed.forward(weights, input, state, output, told);
                }

                @Override
                void backward(Matrix weights, Input input, @Nullable Matrix inputGradient, Matrix gradients) {
                    backward(weights, input, inputGradient, null, gradients);
                }

                @Override
                void backward(Matrix weights, Input input, @Nullable Matrix inputGradient,
                        Lstm.@Nullable State stateGradient, Matrix gradients) {
                    computed.backward(weights, input, output, outputGradient, inputGradient, stateGradient, gradients);
                }

                @Override
                Sampling.Layer placed(Lstm.@Nullable State state) {
                    return new Sampling.Layer.Recurrent(shape, place.offset(),
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
