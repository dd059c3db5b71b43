package org.charlstm.nn;

import java.util.List;
import java.util.Objects;
import org.charlstm.device.Dropout;
import org.charlstm.device.Lstm;
import org.charlstm.device.Lstm.Input;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.WeightLayout;
import org.jspecify.annotations.Nullable;

/**
 * Dropout of single elements in training, of other ones at each time step; {@link Dropout} says which. It is nothing in
 * evaluation and sampling.
 *
 * @param rate the share that is dropped, from 0 up to but not including 1
 */
public record DropoutLayer(double rate) implements Layer {
    /** Refuses rates that leave nothing. */
    public DropoutLayer {
        Dropout.requireRate(rate);
    }

    @Override
    public String kind() {
        return "dropout";
    }

    @Override
    public int width(int inputs) {
        return inputs;
    }

    @Override
    public List<TensorSpec> tensors(String name, int inputs) {
        return List.of();
    }

    /**
     * The layer in its model.
     *
     * @param number  from 0, which of the model's it is
     */
    record OnDevice(DropoutLayer dropout, int number) implements Block {
        @Override
        public List<TensorSpec> tensors() {
            return List.of();
        }

        @Override
        public WeightLayout layout(Operations operations) {
            return WeightLayout.inOrder();
        }

        @Override
        public @Nullable Pass pass(Place place, @Nullable Pass below) {
            MaskSeed masks = place.masks();
            if (masks == null) {
                return null;
            }
            Dropout drawn = new Dropout(dropout.rate, masks.seed(), number, masks.rows());
            Pass given = Objects.requireNonNull(below, "a layer that takes ids is below");
            // In the gradient's place: the layer below needs what it gave, not what became of it.
            return new Pass(place.memory().matrix(given.output.rows(), given.output.columns()), given.outputGradient) {
                @Override
                void forward(Matrix weights, Input input, Lstm.@Nullable State state) {
                    place.operations().dropout(drawn, masks.batch(), given.output, output);
                }

                @Override
                void backward(Matrix weights, Input input, @Nullable Matrix inputGradient, Matrix gradients) {
                    place.operations().dropout(drawn, masks.batch(), outputGradient, outputGradient);
                }
            };
        }
    }
}
