package org.charlstm.nn;

import module java.base;
import org.charlstm.device.Activation;
import org.charlstm.device.Dense;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.spi.Sampling;
import org.jspecify.annotations.Nullable;

/**
 * A dense layer at each time step, y = activation(x kernel + bias). Its tensors are the kernel (I, units), which may be
 * tied to the transpose of the model's embeddings, and the bias (units).
 */
public record DenseLayer(int units, Activation activation, boolean tied) implements Layer {
    /** A layer whose kernel is not tied. */
    public DenseLayer(int units, Activation activation) {
        this(units, activation, false);
    }

    @Override
    public String kind() {
        return "dense";
    }

    @Override
    public int width(int inputs) {
        return units;
    }

    @Override
    public List<TensorSpec> tensors(String name, int inputs) {
        return List.of(new TensorSpec(name + ".kernel", List.of(inputs, units), Initializer.GLOROT_UNIFORM),
                new TensorSpec(name + ".bias", List.of(units), Initializer.ZEROS));
    }

    /** The layer in its model. The output of the last layer is the logits. */
    record OnDevice(DenseLayer dense, ModelConfig.Named named, boolean last) implements Block {
        @Override
        public List<TensorSpec> tensors() {
            return named.tensors();
        }

        @Override
        public WeightLayout layout(Operations operations) {
            return operations.denseLayout(named.inputs(), dense.units);
        }

        @Override
        public Pass pass(Context context, @Nullable Pass below) {
            Dense.Shape shape = new Dense.Shape(named.inputs(), dense.units, context.rows(), dense.activation);
            Dense computed = context.operations().dense(context.memory(), shape, context.offset());
            Matrix output = context.memory().matrix(context.rows(), dense.units);
            // The gradient of the logits may overwrite the logits; the gradient of an activation needs the layer's
            // output.
            Matrix gradient =
                    !context.training() || last ? output : context.memory().matrix(context.rows(), dense.units);
            return new Pass(output, gradient) {
                @Override
                void forward(Matrix weights, Input input, Rnn.@Nullable State state) {
                    computed.forward(weights, ((Input.Dense) input).matrix(), output);
                }

                @Override
                void backward(Matrix weights, Input input, @Nullable Matrix inputGradient,
                        Rnn.@Nullable State stateGradient, Matrix gradients) {
                    computed.backward(weights, ((Input.Dense) input).matrix(), output, outputGradient,
                            Objects.requireNonNull(inputGradient, "a dense input has a gradient"), gradients);
                }

                @Override
                Sampling.Layer placed(Rnn.@Nullable State state) {
                    return new Sampling.Layer.Dense(shape, context.offset());
                }
            };
        }
    }
}
