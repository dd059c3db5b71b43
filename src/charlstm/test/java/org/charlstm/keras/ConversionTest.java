package org.charlstm.keras;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
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
        return new KerasLayer(name, lstm(Optional.of(true), activation),
                List.of(filled(0.5, inputs, 4 * units), filled(0.5, units, 4 * units), filled(0.5, 4 * units)));
    }

    private static KerasLayer.Recurrent lstm(Optional<Boolean> everyStep, RecurrentActivation... activation) {
        return new KerasLayer.Recurrent(ForeignCell.LSTM, Arrays.stream(activation)
                .collect(Collectors.toMap(_ -> RecurrentCell.GATES, RecurrentActivation::toString)), everyStep);
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
        refused(first);
        refused(dense("last", 5, 5, "softmax"));
        refused();
    }

    @Test
    void layersOfEveryKind() {
        KerasImport imported = KerasImport.of(model(new KerasLayer("spatial",
                new KerasLayer.InferenceOnly("it drops whole columns"), List.of()),
                dropout("below", 0.1), embedding(filled(0.25, 5, 2), false),
                lstm("lstm_1", 2, 3), dropout("between", 0.2), dense("dense_1", 3, 4, "tanh"),
                norm("norm_1", 4), lstm("lstm_2", 4, 2), dense("last", 2, 5), dropout("above", 0.3)),
                Optional.of(RecurrentActivation.HARD_SIGMOID));
        RecurrentCell hard = new RecurrentCell.Lstm(RecurrentActivation.HARD_SIGMOID);
        assertEquals(ModelConfig.of(5, new EmbeddingLayer(2), new RecurrentLayer(3, hard), new DropoutLayer(0.2),
                new DenseLayer(4, Activation.TANH), BatchNormLayer.KERAS, new RecurrentLayer(2, hard)),
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
        return new KerasLayer("top", lstm(everyStep),
                List.of(filled(0.5, 3, 12), filled(0.5, 3, 12), filled(0.5, 12)));
    }

    @Test
    void theRecurrentActivationOfTheFileCounts() {
        KerasLayer last = dense("last", 3, 5, "softmax");
        KerasModel silent = model(lstm("lstm_1", 5, 3), last);
        assertEquals(1, KerasImport.of(silent, Optional.empty()).assumptions().size());
        KerasImport asked = KerasImport.of(silent, Optional.of(RecurrentActivation.HARD_SIGMOID));
        assertEquals(List.of(new RecurrentCell.Lstm(RecurrentActivation.HARD_SIGMOID)),
                asked.weights().config().cells());
        assertEquals(List.of(), asked.assumptions());
        KerasModel says = model(lstm("lstm_1", 5, 3, RecurrentActivation.SIGMOID), last);
        assertTrue(assertRefused("model.h5", () -> KerasImport.of(says, Optional.of(RecurrentActivation.HARD_SIGMOID)))
                .contains("lstm_1"));
    }

    private static KerasLayer recurrent(String name, ForeignCell cell, Map<String, String> said, int... bias) {
        int width = bias[bias.length - 1];
        return new LayerArrays("model.h5", name, List.of(filled(0.5, 5, width), filled(0.5, width / cell.gates(),
                width), filled(0.5, bias))).layer(new KerasLayer.Recurrent(cell, said, Optional.of(true)));
    }

    /** A layer of each cell, each with options of its own. */
    @Test
    void aModelMayMixCells() {
        Map<String, String> hard = Map.of(RecurrentCell.GATES, "hard_sigmoid");
        KerasModel mixed = model(recurrent("gru", ForeignCell.GRU, hard, 15), lstm("lstm", 5, 5),
                recurrent("after", ForeignCell.GRU, Map.of(RecurrentCell.RESET, "true", RecurrentCell.GATES, "sigmoid"),
                        2, 15),
                recurrent("plain", ForeignCell.SIMPLE_RNN, Map.of(), 5),
                recurrent("relu", ForeignCell.SIMPLE_RNN, Map.of(RecurrentCell.ACTIVATION, "relu"), 5),
                dense("last", 5, 5, "softmax"));
        KerasImport imported = KerasImport.of(mixed, Optional.empty());
        assertEquals(List.of(new RecurrentCell.Gru(RecurrentActivation.HARD_SIGMOID, false), RecurrentCell.Lstm.SIGMOID,
                RecurrentCell.Gru.RESET_AFTER, new RecurrentCell.Elman(Activation.TANH),
                new RecurrentCell.Elman(Activation.RELU)), imported.weights().config().cells());
        assertEquals(List.of("the recurrent activation is taken to be sigmoid, the default of Keras 9: the file does "
                + "not say it", "the layer plain is taken to have the activation tanh: the file does not say it"),
                imported.assumptions());
        assertTrue(assertRefused("model.h5", () -> KerasImport.of(mixed, Optional.of(RecurrentActivation.SIGMOID)))
                .contains("layer gru that has the recurrent activation hard_sigmoid, not sigmoid"));
        assertTrue(assertRefused("model.h5", () -> KerasImport.of(model(recurrent("plain", ForeignCell.SIMPLE_RNN,
                Map.of(), 5), dense("last", 5, 5)), Optional.of(RecurrentActivation.SIGMOID)))
                .contains("no layer with gates"));
    }

    /** Biases tell whether a GRU resets after the product. */
    @Test
    void optionsThatTheArraysContradict() {
        for (int[] bias : List.of(new int[] {15}, new int[] {2, 15})) {
            String said = String.valueOf(bias.length == 1);
            String message = assertRefused("model.h5", () -> recurrent("odd", ForeignCell.GRU,
                    Map.of(RecurrentCell.RESET, said), bias));
            assertTrue(message.contains("layer odd with reset_after " + said), message);
        }
        for (ForeignCell cell : List.of(ForeignCell.LSTM, ForeignCell.SIMPLE_RNN)) {
            assertTrue(assertRefused("model.h5", () -> recurrent("odd", cell, Map.of(), 2, cell.gates() * 5))
                    .contains("layer odd with arrays of shape"));
        }
    }

    @Test
    void nonFiniteWeights() {
        KerasLayer broken = new KerasLayer("last", new KerasLayer.Dense(Optional.empty()),
                List.of(filled(Double.NaN, 3, 5), filled(0, 5)));
        assertTrue(refused(lstm("lstm_1", 5, 3), broken).contains("NaN"));
    }
}
