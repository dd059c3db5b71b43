package org.charlstm.nn;

import java.util.List;
import org.charlstm.device.Embedding;
import org.charlstm.device.Lstm;
import org.charlstm.device.Lstm.Input;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.WeightLayout;
import org.jspecify.annotations.Nullable;

/**
 * A vector for each symbol in place of a one-hot one; the first layer of a model or none. Its tensor is the embeddings
 * (V, units).
 *
 * @param units columns that it gives
 */
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

    /**
     * The layer in its model.
     *
     * @param named     its name and what it takes
     */
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
        public Pass pass(Place place, @Nullable Pass below) {
            Embedding computed = place.operations().embedding(place.memory(),
                    new Embedding.Shape(named.inputs(), embedding.units, place.rows()), place.offset());
            Matrix output = place.memory().matrix(place.rows(), embedding.units);
            Matrix gradient = place.training() ? place.memory().matrix(place.rows(), embedding.units) : output;
            return new Pass(output, gradient) {
                @Override
                void forward(Matrix weights, Input input, Lstm.@Nullable State state) {
                    computed.forward(weights, ((Input.Ids) input).ids(), output);
                }

                @Override
                void backward(Matrix weights, Input input, @Nullable Matrix inputGradient, Matrix gradients) {
                    computed.backward(((Input.Ids) input).ids(), outputGradient, gradients);
                }
            };
        }
    }
}
