package org.charlstm.nn;

import java.util.Objects;
import org.charlstm.device.Lstm;
import org.charlstm.device.Lstm.Input;
import org.charlstm.device.Matrix;
import org.jspecify.annotations.Nullable;

/** What the layers above the last LSTM take where the last step alone is predicted: of its output the last B rows. */
final class LastStep extends Block.Pass {
    private final Block.Place place;
    private final Block.Pass below;

    LastStep(Block.Place place, Block.Pass below) {
        Matrix output = place.memory().matrix(place.batch(), below.output.columns());
        super(output, place.training() ? place.memory().matrix(place.batch(), below.output.columns()) : output);
        this.place = place;
        this.below = below;
    }

    @Override
    void forward(Matrix weights, Input input, Lstm.@Nullable State state) {
        place.operations().lastRows(below.output, output);
    }

    /** The gradient at the steps before is zero; written each time, for whoever reads it may leave anything there. */
    @Override
    void backward(Matrix weights, Input input, @Nullable Matrix inputGradient, Matrix gradients) {
        place.operations().lastRows(outputGradient, Objects.requireNonNull(inputGradient, "numbers have a gradient"));
    }
}
