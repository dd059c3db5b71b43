package org.charlstm.nn;

import java.util.List;
import org.charlstm.device.Activation;
import org.charlstm.device.Dense;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.Rnn;
import org.charlstm.device.WeightLayout;
import org.jspecify.annotations.Nullable;

/**
 * A learned projection from the features of a sentence to the initial state of the recurrent layers, as an image begins
 * a sentence in Vinyals et al., "Show and Tell" (2015). The columns hold, for each recurrent layer, the lowest first, H
 * columns of the hidden state h, then H of the cell state c if the cell has one.
 */
record Conditioning(int features, int columns) implements Block {
    /** The projection of a model's features. */
    static Conditioning of(int features, List<Layer> layers) {
        return new Conditioning(features, Math.toIntExact(layers.stream().filter(RecurrentLayer.class::isInstance)
                .map(RecurrentLayer.class::cast).mapToLong(layer -> (layer.cell().hasCell() ? 2L : 1L) * layer.units())
                .sum()));
    }

    @Override
    public List<TensorSpec> tensors() {
        return List.of(new TensorSpec("condition.kernel", List.of(features, columns), Initializer.GLOROT_UNIFORM),
                new TensorSpec("condition.bias", List.of(columns), Initializer.ZEROS));
    }

    @Override
    public WeightLayout layout(Operations operations) {
        return operations.denseLayout(features, columns);
    }

    /** Returns null: no layer takes the projection as input. */
    @Override
    public @Nullable Pass pass(Context context, @Nullable Pass below) {
        return null;
    }

    /** The computation for one batch size. */
    static final class OnDevice {
        /** The features, (B, F). */
        final Matrix features;
        private final Operations operations;
        private final Dense dense;
        private final Matrix columns;
        private final @Nullable Matrix columnsGradient;
        private final @Nullable Matrix featuresGradient;

        OnDevice(Conditioning conditioning, Context context) {
            operations = context.operations();
            int batch = context.batch();
            Dense.Shape shape = new Dense.Shape(conditioning.features, conditioning.columns, batch, Activation.LINEAR);
            dense = operations.dense(context.memory(), shape, context.offset());
            features = context.memory().matrix(batch, conditioning.features);
            columns = context.memory().matrix(batch, conditioning.columns);
            columnsGradient = context.training() ? context.memory().matrix(batch, conditioning.columns) : null;
            featuresGradient = context.training() ? context.memory().matrix(batch, conditioning.features) : null;
        }

        /** Computes the initial state. */
        void forward(Matrix weights, NetworkState state) {
            dense.forward(weights, features, columns);
            int first = 0;
            for (Rnn.State each : state.carried()) {
                operations.toState(columns, first, each);
                first += width(each);
            }
        }

        /** Computes the gradients of the weights from the gradient of the initial state. */
        void backward(Matrix weights, NetworkState stateGradient, Matrix gradients) {
            if (columnsGradient == null || featuresGradient == null) {
                throw new IllegalStateException("made for inference");
            }
            int first = 0;
            for (Rnn.State each : stateGradient.carried()) {
                operations.fromState(each, columnsGradient, first);
                first += width(each);
            }
            dense.backward(weights, features, columns, columnsGradient, featuresGradient, gradients);
        }

        private int width(Rnn.State state) {
            return state.parts().size() * state.hidden().rows() / columns.rows() * state.hidden().columns();
        }
    }
}
