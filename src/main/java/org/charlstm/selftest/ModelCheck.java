package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.randomIds;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Weights;

/** A whole model's loss and gradients on one batch, and its training step recorded and replayed. */
final class ModelCheck {
    private static final int REPLAYS = 5;
    private static final List<ModelConfig.Middle> MIDDLE = List.of(new ModelConfig.Middle(21, Activation.TANH),
            new ModelConfig.Middle(19, Activation.RELU), new ModelConfig.Middle(3, Activation.LINEAR));

    private record Shape(ModelConfig config, int steps, int batch) {
        @Override
        public String toString() {
            return "V " + config.symbols() + ", H " + config.hidden()
                    + (config.layers() == 1 ? "" : ", L " + config.layers())
                    + (config.recurrentActivation() == RecurrentActivation.SIGMOID ? "" : ", hard sigmoid")
                    + config.middle().stream().map(layer -> ", D " + layer.units()
                            + (layer.activation() == Activation.RELU ? "" : " " + layer.activation().title()))
                            .collect(Collectors.joining()) + ", T " + steps + ", B " + batch;
        }

        Weights weights() {
            return Initializer.keras(config, 3);
        }

        Batch data() {
            return new Batch(steps, batch, randomIds(1, steps * batch, config.symbols()),
                    randomIds(2, steps * batch, config.symbols()));
        }
    }

    private static Shape hard(int layers, List<ModelConfig.Middle> middle, int steps, int batch) {
        return new Shape(new ModelConfig(37, 19, layers, RecurrentActivation.HARD_SIGMOID, middle), steps, batch);
    }

    private ModelCheck() {
    }

    static List<Check> of(Tolerances tolerances) {
        return List.of(new Check("loss and gradients", tolerances.gradients(), Stream.of(
                        new Shape(new ModelConfig(3, 1, 1), 1, 1), new Shape(new ModelConfig(37, 3, 0), 3, 37),
                        new Shape(new ModelConfig(37, 37, 129), 9, 3), new Shape(new ModelConfig(38, 128, 128), 17, 16),
                        new Shape(new ModelConfig(37, 19, 2, 21), 7, 5),
                        hard(1, List.of(), 7, 5), hard(3, MIDDLE, 9, 3))
                        .map(shape -> new Check.Case(shape.toString(), (scope, oracle, comparison) -> compare(
                                shape.data().run(oracle.device(), shape.weights()),
                                shape.data().run(scope.device(), shape.weights()), comparison))).toList()),
                new Check("graph against eager", 0, Stream.of(
                        new Shape(new ModelConfig(3, 1, 1), 1, 1), new Shape(new ModelConfig(37, 37, 129), 9, 3),
                        new Shape(new ModelConfig(38, 128, 128), 17, 16), hard(3, MIDDLE, 9, 3))
                        .map(shape -> new Check.Case(shape.toString(), (scope, oracle, comparison) ->
                                replay(scope, shape, comparison))).toList()));
    }

    private static void compare(Batch.Result expected, Batch.Result actual, Comparison comparison) {
        comparison.agree("loss", new double[] {expected.loss()}, new double[] {actual.loss()});
        comparison.agree("gradient of ", expected.gradients(), actual.gradients());
    }

    private static void replay(TrialMemory scope, Shape shape, Comparison comparison) {
        Batch.Training eager = shape.data().train(scope.device(), shape.weights(), REPLAYS, false);
        Batch.Training graph = shape.data().train(scope.device(), shape.weights(), REPLAYS, true);
        comparison.same("losses", eager.losses(), graph.losses());
        comparison.same("", eager.weights(), graph.weights());
        if (!graph.recorded()) {
            comparison.note("the device records nothing: a step is always run call by call");
        }
        scope.device().warnings().forEach(comparison::note);
    }
}
