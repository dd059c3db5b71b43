package org.charlstm.nn;

import module java.base;
import org.charlstm.device.BatchNorm;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.WeightLayout;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation over all time steps of a batch; {@link BatchNorm} has the formula. The tensors are gamma, beta,
 * and the moving mean and variance; the last two are not trained. Each tensor has one element for each column of the
 * input.
 *
 * @param momentum the share of the old moving value that an update keeps, from 0 to 1
 * @param epsilon  the number that is added to the variance
 */
public record BatchNormLayer(double momentum, double epsilon) implements Layer {
    /** Keras' defaults. */
    public static final BatchNormLayer KERAS = new BatchNormLayer(0.99, 1e-3);

    /** Refuses settings out of range. */
    public BatchNormLayer {
        BatchNorm.Shape.requireSettings(momentum, epsilon);
    }

    @Override
    public String kind() {
        return "batch_normalization";
    }

    @Override
    public List<TensorSpec> tensors(String name, int inputs) {
        List<Integer> shape = List.of(inputs);
        return List.of(new TensorSpec(name + ".gamma", shape, Initializer.ONES),
                new TensorSpec(name + ".beta", shape, Initializer.ZEROS),
                new TensorSpec(name + ".moving_mean", shape, Initializer.ZEROS, false),
                new TensorSpec(name + ".moving_variance", shape, Initializer.ONES, false));
    }

    record OnDevice(BatchNormLayer norm, ModelConfig.Named named) implements Block {
        @Override
        public List<TensorSpec> tensors() {
            return named.tensors();
        }

        @Override
        public WeightLayout layout(Operations operations) {
            return operations.batchNormLayout(named.inputs());
        }

        @Override
        public Pass pass(Context context, @Nullable Pass below) {
            Pass given = Objects.requireNonNull(below, "a layer that takes ids is below");
            BatchNorm computed = context.operations().batchNorm(context.memory(), new BatchNorm.Shape(named.inputs(),
                    context.rows(), norm.momentum, norm.epsilon, context.training()), context.offset(),
                    context.untrained());
            return new Pass(context.memory().matrix(context.rows(), named.inputs()), given.outputGradient) {
                @Override
                void forward(Matrix weights, Input input, Rnn.@Nullable State state) {
                    computed.forward(weights, given.output, output);
                }

                @Override
                void backward(Matrix weights, Input input, @Nullable Matrix inputGradient,
                        Rnn.@Nullable State stateGradient, Matrix gradients) {
                    computed.backward(weights, given.output, outputGradient, outputGradient, gradients);
                }
            };
        }
    }
}
