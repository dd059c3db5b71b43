package org.charlstm.selftest.models;

import static org.charlstm.selftest.TrialMemory.randomIds;

import module java.base;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Layer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.ValueComparison;

/** Checks a whole model's loss and gradients on one batch, and a training step that is captured and replayed. */
final class ModelCheck {
    private static final int REPLAYS = 5;
    private static final Layer[] MIDDLE = {new DenseLayer(21, Activation.TANH), new DenseLayer(19, Activation.RELU),
        new DenseLayer(3, Activation.LINEAR)};

    private record Shape(ModelConfig config, int steps, int sequences) {
        String title() {
            List<Layer> below = config.layers().subList(0, config.layers().size() - 1);
            return "V " + config.symbols() + below.stream().map(layer -> ", " + switch (layer) {
                case RecurrentLayer recurrent -> (recurrent.cell().name() == RecurrentCell.Named.LSTM ? ""
                        : recurrent.cell().name() + " ") + "H " + recurrent.units()
                        + (RecurrentActivation.HARD_SIGMOID.toString().equals(recurrent.cell().options().get(
                                RecurrentCell.GATES)) ? " hard sigmoid" : "");
                case DenseLayer dense -> "D " + dense.units()
                        + (dense.activation() == Activation.RELU ? "" : " " + dense.activation().title());
                case EmbeddingLayer embedding -> "E " + embedding.units();
                case DropoutLayer dropout -> "dropout " + dropout.rate();
                case BatchNormLayer _ -> "batch norm";
            }).collect(Collectors.joining()) + (config.prediction() == Prediction.LAST ? ", last step" : "")
                    + (config.features() == 0 ? "" : ", F " + config.features()) + ", T " + steps + ", B " + sequences;
        }

        Weights weights() {
            return Initializer.keras(config, 3);
        }

        TrialBatch batch() {
            return new TrialBatch(steps, sequences, randomIds(1, steps * sequences, config.symbols()),
                    randomIds(2, config.prediction().steps(steps) * sequences, config.symbols()));
        }
    }

    private static Shape shape(int symbols, int steps, int sequences, Layer... below) {
        return new Shape(ModelConfig.of(symbols, below), steps, sequences);
    }

    /** The same shape with a model that predicts only the last step. */
    private static Shape last(Shape shape) {
        return new Shape(shape.config.predicting(Prediction.LAST), shape.steps, shape.sequences);
    }

    private static DenseLayer dense(int units) {
        return new DenseLayer(units, Activation.RELU);
    }

    private static DenseLayer smooth(int units) {
        return new DenseLayer(units, Activation.TANH);
    }

    private static boolean switches(Shape shape) {
        return shape.config.layers().stream()
                .anyMatch(layer -> layer instanceof DenseLayer dense && dense.activation() == Activation.RELU);
    }

    /** One model for each smooth cell, except the LSTM with sigmoids, which the other shapes cover. */
    private static Stream<Shape> cells(int layers, int steps, int sequences, Layer... middle) {
        return Stream.of(RecurrentCell.Named.values()).filter(name -> name != RecurrentCell.Named.RNN_RELU)
                .flatMap(name -> Stream.of(name.with(RecurrentActivation.SIGMOID, true),
                        name.with(RecurrentActivation.HARD_SIGMOID, false)))
                .distinct().filter(cell -> !cell.equals(RecurrentCell.Lstm.SIGMOID)).map(cell -> {
                    List<Layer> below = new ArrayList<>(Collections.nCopies(layers, new RecurrentLayer(19, cell)));
                    below.addAll(List.of(middle));
                    return shape(37, steps, sequences, below.toArray(Layer[]::new));
                });
    }

    /** Every kind of layer, with a ReLU below the normalisation: else biases' gradients are mere rounding errors. */
    private static final Shape STACK = new Shape(new ModelConfig(37, List.of(new EmbeddingLayer(21),
            new RecurrentLayer(19), new DropoutLayer(0.25), new RecurrentLayer(11), new DropoutLayer(0.5), dense(21),
            BatchNormLayer.KERAS, new DenseLayer(37, Activation.LINEAR, true))), 7, 5);
    /** The same model for the last step alone, with enough sequences to keep moments above rounding errors. */
    private static final Shape LAST_OF_STACK = last(new Shape(STACK.config, STACK.steps, 37));
    /** Two LSTM layers that a device computes as one stack, and a third of another size, each from an initial state. */
    private static final Shape CONDITIONED = new Shape(ModelConfig.of(37, new RecurrentLayer(19),
            new RecurrentLayer(19), new RecurrentLayer(7), dense(21)).conditioned(9), 5, 3);

    /** The loss and gradients of the models with a ReLU, or of the models without. */
    static List<Check.Case> gradients(boolean relu) {
        List<Shape> shapes = Stream.of(Stream.of(
                shape(3, 1, 1, new RecurrentLayer(1), smooth(1)), shape(37, 3, 37, new RecurrentLayer(3)),
                shape(37, 9, 3, new RecurrentLayer(37), smooth(129)),
                shape(38, 17, 16, new RecurrentLayer(128), smooth(128)),
                shape(37, 7, 5, new RecurrentLayer(19), new RecurrentLayer(19), smooth(21)),
                shape(37, 9, 3, new RecurrentLayer(37), dense(129)),
                shape(38, 17, 16, new RecurrentLayer(128), dense(128)),
                shape(37, 5, 3, new RecurrentLayer(19), dense(7), new RecurrentLayer(19), new RecurrentLayer(5),
                        dense(3)),
                STACK, CONDITIONED, LAST_OF_STACK, last(shape(37, 9, 3, new RecurrentLayer(37))),
                last(shape(38, 17, 16, new RecurrentLayer(128), dense(128))),
                last(shape(3, 1, 1, new RecurrentLayer(1), smooth(1)))),
                cells(1, 7, 5), cells(3, 9, 3, MIDDLE)).flatMap(each -> each).toList();
        return Check.Case.besideOracle(shapes.stream().filter(shape -> switches(shape) == relu).toList(),
                Shape::title, (shape, memory, results) -> {
                    TrialBatch.Result result = shape.batch().run(memory.device(), shape.weights());
                    results.close("loss", result.loss());
                    for (Tensor gradient : result.gradients().tensors()) {
                        results.close("gradient of " + gradient.name(), gradient.values());
                    }
                });
    }

    /** Compares training steps that are captured and replayed with the same steps run call by call. */
    static List<Check.Case> replay() {
        return Check.Case.byDefinition(Stream.concat(Stream.of(
                shape(3, 1, 1, new RecurrentLayer(1), dense(1)), shape(37, 9, 3, new RecurrentLayer(37), dense(129)),
                shape(38, 17, 16, new RecurrentLayer(128), dense(128)), STACK, LAST_OF_STACK, CONDITIONED),
                cells(3, 9, 3, MIDDLE)).toList(), Shape::title,
                (shape, memory, comparison) -> replay(memory.device(), shape, comparison));
    }

    private static void replay(Device device, Shape shape, ValueComparison comparison) {
        TrialBatch.Training eager = shape.batch().train(device, shape.weights(), REPLAYS, false);
        TrialBatch.Training graph = shape.batch().train(device, shape.weights(), REPLAYS, true);
        comparison.same("losses", eager.losses(), graph.losses());
        WeightsComparison.same(comparison, eager.weights(), graph.weights());
        if (!graph.recorded()) {
            comparison.note("the device records nothing: a step is always run call by call");
        }
        device.warnings().forEach(comparison::note);
    }
}
