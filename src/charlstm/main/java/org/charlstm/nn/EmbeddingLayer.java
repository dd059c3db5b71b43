package org.charlstm.nn;

import java.util.List;
import org.charlstm.device.Embedding;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.WeightLayout;
import org.jspecify.annotations.Nullable;

/** Maps each symbol to a learned vector instead of a one-hot vector, as the first layer. The tensor is (V, units). */
public record EmbeddingLayer(int units) implements Layer {
    @Override
    public String kind() {
        return "embedding";
    }

    @Override
    public int width(int inputs) {
        return units;
    }

    @Override
    public List<TensorSpec> tensors(String name, int inputs) {
        return List.of(new TensorSpec(name + ".embeddings", List.of(inputs, units), Initializer.UNIFORM));
    }

    record OnDevice(EmbeddingLayer embedding, ModelConfig.Named named) implements Block {
        @Override
        public List<TensorSpec> tensors() {
            return named.tensors();
        }

        @Override
        public WeightLayout layout(Operations operations) {
            return operations.embeddingLayout(named.inputs(), embedding.units);
        }

        @Override
        public Pass pass(Context context, @Nullable Pass below) {
            Embedding computed = context.operations().embedding(context.memory(),
                    new Embedding.Shape(named.inputs(), embedding.units, context.rows()), context.offset());
            Matrix output = context.memory().matrix(context.rows(), embedding.units);
            Matrix gradient = context.training() ? context.memory().matrix(context.rows(), embedding.units) : output;
            return new Pass(output, gradient) {
                @Override
                void forward(Matrix weights, Input input, Rnn.@Nullable State state) {
                    computed.forward(weights, ((Input.Ids) input).ids(), output);
                }

                @Override
                void backward(Matrix weights, Input input, @Nullable Matrix inputGradient,
                        Rnn.@Nullable State stateGradient, Matrix gradients) {
                    computed.backward(((Input.Ids) input).ids(), outputGradient, gradients);
                }
            };
        }
    }
}
