package org.charlstm.nn;

import java.util.Objects;
import org.charlstm.device.Matrix;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.jspecify.annotations.Nullable;

/** Takes the last step's B rows of the top recurrent output, if the model predicts the last step alone. */
final class LastStep extends Block.Pass {
    private final Block.Context context;
    private final Block.Pass below;

    LastStep(Block.Context context, Block.Pass below) {
        Matrix output = context.memory().matrix(context.batch(), below.output.columns());
        super(output, context.training() ? context.memory().matrix(context.batch(), below.output.columns()) : output);
        this.context = context;
        this.below = below;
    }

    @Override
    void forward(Matrix weights, Input input, Rnn.@Nullable State state) {
        context.operations().lastRows(below.output, output);
    }

    /** Writes zeros for the earlier steps in each pass, since the layer below may overwrite the gradient. */
    @Override
    void backward(Matrix weights, Input input, @Nullable Matrix inputGradient,
            Rnn.@Nullable State stateGradient, Matrix gradients) {
        context.operations().lastRows(outputGradient,
                Objects.requireNonNull(inputGradient, "a dense input has a gradient"));
    }
}
