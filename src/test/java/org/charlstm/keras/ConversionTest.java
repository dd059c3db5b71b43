package org.charlstm.keras;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.Tensor;
import org.junit.jupiter.api.Test;

/** Which stacks of layers are models of charlstm. */
class ConversionTest {
    private static Tensor filled(double value, int... shape) {
        return filled("t", value, shape);
    }

    private static Tensor filled(String name, double value, int... shape) {
        double[] values = new double[Arrays.stream(shape).reduce(1, (one, other) -> one * other)];
        Arrays.fill(values, value);
        return new Tensor(name, Arrays.stream(shape).boxed().toList(), values);
    }

    private static KerasLayer lstm(String name, int inputs, int units, RecurrentActivation... activation) {
        return new KerasLayer(name, new KerasLayer.Lstm(Arrays.stream(activation).findFirst(), Optional.of(true)),
                List.of(filled(0.5, inputs, 4 * units), filled(0.5, units, 4 * units), filled(0.5, 4 * units)));
    }

    private static KerasLayer dense(String name, int inputs, int units, String... activation) {
        return new KerasLayer(name, new KerasLayer.Dense(Arrays.stream(activation).findFirst()),
                List.of(filled(0.5, inputs, units), filled(0.5, units)));
    }

    private static KerasLayer norm(String name, int units) {
        return new KerasLayer(name, new KerasLayer.BatchNorm(Optional.empty(), List.of()),
                List.of(filled(1, units), filled(2, units), filled(3, units), filled(4, units)));
    }

    private static KerasLayer dropout(String name, double rate) {
        return new KerasLayer(name, new KerasLayer.Dropout(rate), List.of());
    }

    private static KerasLayer embedding(Tensor table, boolean described) {
        return new KerasLayer("table", new KerasLayer.Embedding(described), List.of(table));
    }

    private static KerasModel model(KerasLayer... layers) {
        return new KerasModel("model.h5", "Keras 9", RecurrentActivation.SIGMOID, OptionalInt.empty(),
                List.of(layers));
    }

    private static String refused(KerasLayer... layers) {
        return assertRefused("model.h5", () -> KerasImport.of(model(layers), Optional.empty()));
    }

    @Test
    void otherStacksAreRefusedByTheLayersName() {
        KerasLayer first = lstm("lstm_1", 5, 3);
        KerasLayer last = dense("last", 3, 5, "softmax");
        assertEquals(5, KerasImport.of(model(first, last), Optional.empty()).weights().config().symbols());
        assertTrue(refused(first, lstm("lstm_2", 4, 3), last).contains("lstm_2"), "no chain");
        assertTrue(refused(dense("dense_1", 5, 5), lstm("lstm_1", 5, 5), dense("last", 5, 5)).contains("dense_1"),
                "a Dense layer first");
        assertTrue(refused(norm("norm_1", 5), lstm("lstm_1", 5, 5), dense("last", 5, 5)).contains("norm_1"),
                "batch normalisation first");
        assertTrue(refused(first, dense("last", 3, 5, "softmax"), norm("norm_1", 5)).contains("norm_1"),
                "batch normalisation last");
        assertTrue(refused(first, norm("norm_1", 4), last).contains("norm_1"), "of another width");
        assertTrue(refused(first, embedding(filled(0.5, 3, 3), true), last).contains("table"),
                "an embedding above");
        assertTrue(refused(first, last, lstm("lstm_2", 5, 5)).contains("lstm_2"), "an LSTM last");
        assertTrue(refused(first, dense("dense_1", 3, 3, "softmax"), last).contains("dense_1"), "a softmax between");
        assertTrue(refused(first, dense("last", 3, 5, "linear")).contains("last"), "no softmax");
        assertTrue(refused(first, dense("last", 3, 4, "softmax")).contains("last"), "other symbols out");
        assertTrue(refused(lstm("lstm_1", 5, 3, RecurrentActivation.SIGMOID),
                lstm("lstm_2", 3, 3, RecurrentActivation.HARD_SIGMOID), last).contains("lstm_2"), "two kinds of gates");
        refused(first);
        refused(dense("last", 5, 5, "softmax"));
        refused();
    }

    @Test
    void layersOfEveryKind() {
        KerasImport imported = KerasImport.of(model(new KerasLayer("spatial",
                new KerasLayer.LeftOut("it drops whole columns"), List.of()),
                dropout("below", 0.1), embedding(filled(0.25, 5, 2), false),
                lstm("lstm_1", 2, 3), dropout("between", 0.2), dense("dense_1", 3, 4, "tanh"),
                norm("norm_1", 4), lstm("lstm_2", 4, 2), dense("last", 2, 5), dropout("above", 0.3)),
                Optional.of(RecurrentActivation.HARD_SIGMOID));
        RecurrentActivation gates = RecurrentActivation.HARD_SIGMOID;
        assertEquals(
                ModelConfig.of(5, new EmbeddingLayer(2), new RecurrentLayer(3, new RecurrentCell.Lstm(gates)),
                        new DropoutLayer(0.2),
                        new DenseLayer(4, Activation.TANH), BatchNormLayer.KERAS,
                        new RecurrentLayer(2, new RecurrentCell.Lstm(gates))),
                imported.weights().config());
        assertEquals(filled("batch_normalization_1.moving_variance", 4, 4),
                imported.weights().get("batch_normalization_1.moving_variance"));
        assertEquals(List.of("the layer spatial is left out: it drops whole columns",
                "the layer below is left out: charlstm drops neither input nor logits",
                "the layer above is left out: charlstm drops neither input nor logits",
                "the layer table is taken to mask nothing: the file does not say it",
                "the layer norm_1 is taken to have the momentum 0.99 and the epsilon 0.001: the file does not say it",
                "the layer last is taken to have a softmax: the file does not say it"), imported.assumptions());
    }

    /** Keras' {@code return_sequences}. */
    @Test
    void theLastLstmDeterminesThePredictedSteps() {
        KerasLayer last = dense("last", 3, 5, "softmax");
        for (boolean every : new boolean[] {true, false}) {
            assertEquals(every ? Prediction.ALL : Prediction.LAST, KerasImport.of(model(lstm("below", 5, 3),
                    giving(Optional.of(every)), last), Optional.empty()).weights().config().prediction());
        }
        KerasImport silent = KerasImport.of(model(lstm("below", 5, 3), giving(Optional.empty()), last),
                Optional.empty());
        assertEquals(Prediction.ALL, silent.weights().config().prediction());
        assertEquals("the layer top is taken to give its output at each step: the file does not say it",
                silent.assumptions().getFirst());
        assertTrue(refused(lstm("first", 5, 3), giving(Optional.of(false)), lstm("third", 3, 3), last)
                .contains("layer top that gives its last step alone"));
    }

    private static KerasLayer giving(Optional<Boolean> everyStep) {
        return new KerasLayer("top", new KerasLayer.Lstm(Optional.empty(), everyStep),
                List.of(filled(0.5, 3, 12), filled(0.5, 3, 12), filled(0.5, 12)));
    }

    @Test
    void theRecurrentActivationOfTheFileCounts() {
        KerasLayer last = dense("last", 3, 5, "softmax");
        KerasModel silent = model(lstm("lstm_1", 5, 3), last);
        assertEquals(1, KerasImport.of(silent, Optional.empty()).assumptions().size());
        KerasImport asked = KerasImport.of(silent, Optional.of(RecurrentActivation.HARD_SIGMOID));
        assertEquals(new RecurrentCell.Lstm(RecurrentActivation.HARD_SIGMOID),
                asked.weights().config().cells().getFirst());
        assertEquals(List.of(), asked.assumptions());
        KerasModel says = model(lstm("lstm_1", 5, 3, RecurrentActivation.SIGMOID), last);
        assertTrue(assertRefused("model.h5", () -> KerasImport.of(says, Optional.of(RecurrentActivation.HARD_SIGMOID)))
                .contains("lstm_1"));
    }

    @Test
    void nonFiniteWeights() {
        KerasLayer broken = new KerasLayer("last", new KerasLayer.Dense(Optional.empty()),
                List.of(filled(Double.NaN, 3, 5), filled(0, 5)));
        assertTrue(refused(lstm("lstm_1", 5, 3), broken).contains("NaN"));
    }
}
