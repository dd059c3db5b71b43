package org.charlstm.nn;

import module java.base;
import org.charlstm.device.Dropout;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.spi.AlignedLayout;
import org.jspecify.annotations.Nullable;

/** Drops single elements at each time step in training, as {@link Dropout} draws them; inference drops nothing. */
public record DropoutLayer(double rate) implements Layer {
    /** Refuses rates out of range. */
    public DropoutLayer {
        Dropout.requireRate(rate);
    }

    @Override
    public String kind() {
        return "dropout";
    }

    @Override
    public List<TensorSpec> tensors(String name, int inputs) {
        return List.of();
    }

    /** The layer in its model, by its number among the dropout layers, from 0. */
    record OnDevice(DropoutLayer dropout, int number) implements Block {
        @Override
        public List<TensorSpec> tensors() {
            return List.of();
        }

        @Override
        public WeightLayout layout(Operations operations) {
            return AlignedLayout.inOrder();
        }

        @Override
        public @Nullable Pass pass(Context context, @Nullable Pass below) {
            Network.MaskSeed masks = context.masks();
            if (masks == null) {
                return null;
            }
            Dropout mask = new Dropout(dropout.rate, masks.seed(), number, masks.rows());
            Pass given = Objects.requireNonNull(below, "a layer that takes ids is below");
            // The layer below needs its output unchanged, so this output is separate; the gradient changes in place.
            return new Pass(context.memory().matrix(given.output.rows(), given.output.columns()),
                    given.outputGradient) {
                @Override
                void forward(Matrix weights, Input input, Rnn.@Nullable State state) {
                    context.operations().dropout(mask, masks.batch(), given.output, output);
                }

                @Override
                void backward(Matrix weights, Input input, @Nullable Matrix inputGradient,
                        Rnn.@Nullable State stateGradient, Matrix gradients) {
                    context.operations().dropout(mask, masks.batch(), outputGradient, outputGradient);
                }
            };
        }
    }
}
