package org.charlstm.keras;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.device.RecurrentCell;
import org.charlstm.nn.BatchNormLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Configurations of models, as each generation of Keras writes them. A sign ' stands for ". */
class KerasConfigTest {
    private static final String SEQUENTIAL = "{'class_name':'Sequential','config':{'name':'s','layers':[%s]}}";

    private static KerasConfig parse(String json, int majorVersion) {
        return KerasConfig.of("model.h5", json.replace('\'', '"'), majorVersion);
    }

    private static String layer(String className, String config) {
        return "{'class_name':'" + className + "','config':{" + config + "}}";
    }

    private static String refused(String json, int majorVersion) {
        return assertRefused("model.h5", () -> parse(json, majorVersion));
    }

    @Test
    void keras1ListsLayers() {
        KerasConfig read = parse("{'class_name':'Sequential','config':["
                + layer("LSTM", "'name':'lstm_1','batch_input_shape':[null,40,7],'activation':'tanh',"
                        + "'inner_activation':'hard_sigmoid','go_backwards':false,'output_dim':3")
                + ","
                + layer("Dropout", "'name':'dropout_1','p':0.2") + ","
                + layer("TimeDistributed", "'name':'td','layer':"
                        + layer("Dense", "'name':'dense_1','activation':'linear','bias':true"))
                + ","
                + layer("Activation", "'name':'activation_1','activation':'softmax'") + "]}", 1);
        assertEquals(OptionalInt.of(40), read.steps());
        assertEquals(List.of(new KerasLayer.Recurrent(ForeignCell.LSTM, Map.of(RecurrentCell.GATES, "hard_sigmoid"),
                Optional.of(false)),
                new KerasLayer.Dropout(0.2), new KerasLayer.Dense(Optional.of("linear")),
                new KerasLayer.Activation("softmax")), read.layers().stream().map(LayerConfig::kind).toList());
        assertEquals("td", read.layers().get(2).name());
        assertEquals("time_distributed", read.layers().get(2).groupClass());
    }

    /** Keras 2 and Keras 3 name a layer's inputs each in its way. */
    @ParameterizedTest
    @ValueSource(strings = {"[[['before',0,0,{}]]]",
        "[{'args':[{'class_name':'__keras_tensor__','config':{'keras_history':['before',0,0]}}],'kwargs':{}}]"})
    void functionalModelsThatAreChains(String inbound) {
        String json = "{'class_name':'Functional','config':{'layers':["
                + "{'class_name':'InputLayer','name':'in','config':{'name':'in','batch_shape':[null,null,7]},"
                + "'inbound_nodes':[]},"
                + "{'class_name':'LSTM','name':'l','config':{'name':'l','recurrent_activation':'sigmoid'},"
                + "'inbound_nodes':" + inbound.replace("before", "in") + "},"
                + "{'class_name':'Dense','name':'d','config':{'name':'d','activation':'softmax'},"
                + "'inbound_nodes':" + inbound.replace("before", "THIS") + "}]}}";
        assertEquals(3, parse(json.replace("THIS", "l"), 3).layers().size());
        assertTrue(refused(json.replace("THIS", "in"), 3).contains("layer d"), "a layer that skips one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GaussianNoise", "Bidirectional", "Masking", "ConvLSTM2D", "CuDNNSimpleRNN", "Flatten",
        "Lambda", "Sequential", "Add", "RepeatVector", "AttentionWeightedAverage", "Concatenate"})
    void otherLayersAreRefusedByName(String className) {
        String message = refused(SEQUENTIAL.formatted(layer(className, "'name':'odd_1','layer':"
                + layer("LSTM", "'name':'inner'"))), 2);
        assertTrue(message.contains("odd_1") && message.contains(className), message);
        message = refused(SEQUENTIAL.formatted(layer("TimeDistributed", "'name':'odd_2','layer':"
                + layer(className, "'name':'inner'"))), 2);
        assertTrue(message.contains("odd_2") && message.contains(className), message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '"', value = {"LSTM;'go_backwards':true", "LSTM;'use_bias':false",
        "LSTM;'return_state':true", "LSTM;'activation':'relu'", "LSTM;'recurrent_activation':'relu'",
        "LSTM;'inner_activation':'tanh'", "GRU;'activation':'relu'", "GRU;'recurrent_activation':'relu'",
        "GRU;'use_bias':false", "CuDNNGRU;'return_state':true", "SimpleRNN;'activation':'selu'",
        "SimpleRNN;'activation':null", "SimpleRNN;'go_backwards':true",
        "CuDNNLSTM;'go_backwards':true", "Dense;'activation':'selu'", "Dense;'bias':false", "Dense;'use_bias':false",
        "Activation;'activation':'elu'", "LSTM;'activation':null", "Embedding;'mask_zero':true",
        "BatchNormalization;'axis':1", "BatchNormalization;'axis':[1]", "BatchNormalization;'mode':1",
        "BatchNormalization;'renorm':true", "BatchNormalization;'epsilon':0", "BatchNormalization;'momentum':2"})
    void otherOptionsAreRefusedByName(String className, String option) {
        String message = refused(SEQUENTIAL.formatted(layer(className, "'name':'odd_1'," + option)), 2);
        assertTrue(message.contains("odd_1"), message);
    }

    /** The columns are the last axis, which has another number where there are no steps; tf.keras lists it. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '"', value = {"true;-1", "true;2", "true;[2]", "false;1",
        "false;[1]"})
    void axesOfBatchNormalisation(String everyStep, String axis) {
        KerasConfig read = parse(SEQUENTIAL.formatted(layer("LSTM", "'name':'l','return_sequences':" + everyStep)
                + "," + layer("BatchNormalization", "'name':'b','axis':" + axis + ",'momentum':0.9,'epsilon':0.01,"
                        + "'center':false")
                + "," + layer("TimeDistributed", "'name':'t','layer':"
                        + layer("BatchNormalization", "'name':'u','axis':1"))),
                2);
        assertEquals(new KerasLayer.BatchNorm(Optional.of(new BatchNormLayer(0.9, 0.01)),
                List.of("gamma", "moving_mean", "moving_variance")), read.layers().get(1).kind());
        assertEquals(Optional.of(BatchNormLayer.KERAS),
                ((KerasLayer.BatchNorm) read.layers().get(2).kind()).settings());
    }

    @Test
    void dropoutIsReadOrLeftOut() {
        KerasConfig read = parse(SEQUENTIAL.formatted(layer("Embedding", "'name':'e','batch_input_shape':[null,8],"
                + "'mask_zero':false") + "," + layer("Dropout", "'name':'d','rate':0.5,'noise_shape':null") + ","
                + layer("Dropout", "'name':'n','rate':0.5,'noise_shape':[null,1,3]") + ","
                + layer("Dropout", "'name':'a','rate':1") + "," + layer("Dropout", "'name':'z','rate':0") + ","
                + layer("SpatialDropout1D", "'name':'s','rate':0.5")), 2);
        assertEquals(OptionalInt.of(8), read.steps());
        assertEquals(List.of(new KerasLayer.Embedding(true), new KerasLayer.Dropout(0.5),
                new KerasLayer.InferenceOnly("it drops other things than single elements"),
                new KerasLayer.InferenceOnly("its rate is 1.0"), new KerasLayer.Activation("linear"),
                new KerasLayer.InferenceOnly("it drops whole columns")),
                read.layers().stream().map(LayerConfig::kind).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"LSTM", "CuDNNLSTM", "GRU", "CuDNNGRU", "SimpleRNN", "Embedding"})
    void recurrentLayersInTimeDistributedAreRefused(String className) {
        assertTrue(refused(SEQUENTIAL.formatted(layer("TimeDistributed", "'name':'odd_1','layer':"
                + layer(className, "'name':'inner'"))), 2).contains("odd_1 of class " + className + " in Time"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '"', value = {
        "GRU;GRU;'inner_activation':'hard_sigmoid';recurrent_activation=hard_sigmoid",
        "GRU;GRU;'recurrent_activation':'sigmoid','reset_after':true;recurrent_activation=sigmoid,reset_after=true",
        "GRU;GRU;'activation':'tanh','reset_after':false;reset_after=false",
        "CuDNNGRU;GRU;'stateful':false;recurrent_activation=sigmoid,reset_after=true",
        "SimpleRNN;SIMPLE_RNN;'activation':'relu','recurrent_activation':'sigmoid';activation=relu",
        "SimpleRNN;SIMPLE_RNN;'stateful':true;activation=tanh"})
    void optionsOfEveryCell(String className, ForeignCell cell, String config, String said) {
        KerasConfig read = parse(SEQUENTIAL.formatted(layer(className, "'name':'a','return_sequences':true,"
                + config)), 2);
        assertEquals(new KerasLayer.Recurrent(cell, Stream.of(said.split(",", 0)).map(each -> each.split("=", 0))
                .collect(Collectors.toMap(each -> each[0], each -> each[1])), Optional.of(true)),
                read.layers().getFirst().kind());
        assertEquals(ForeignCell.snake(className), read.layers().getFirst().groupClass());
    }

    @ParameterizedTest
    @ValueSource(strings = {"LSTM", "GRU"})
    void keras3HasAnotherHardSigmoid(String className) {
        String json = SEQUENTIAL.formatted(layer(className, "'name':'odd_1','recurrent_activation':'hard_sigmoid'"));
        assertEquals(1, parse(json, 2).layers().size());
        assertTrue(refused(json, 3).contains("odd_1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "7", "null", "[]", "{}", "{'config':7}", "{'config':{}}", "{'config':[7]}",
        "{'config':[{}]}", "{'config':[{'class_name':[],'config':{}}]}", "{'config':{'layers':{}}}",
        "{'config':[{'class_name':'LSTM','config':{}}]}", "{'config':[{'class_name':'LSTM','config':{'name':{}}}]}",
        "{'config':[{'class_name':'LSTM','config':{'name':'a','batch_shape':[1,'x',2]}}]}",
        "{'config':[{'class_name':'LSTM','config':{'name':'a','batch_shape':[1,{},2]}}]}",
        "{'config':[{'class_name':'TimeDistributed','config':{'name':'a'}}]}",
        "{'config':[{'class_name':'LSTM','config':{'name':'a','activation':{}}}]}",
        "{'config':[{'class_name':'LSTM','config':{'name':'a','use_bias':[]}}]}"})
    void malformedConfigurations(String json) {
        refused(json, 2);
    }

    @Test
    void deepNesting() {
        refused("[".repeat(100_000), 2);
        refused("{'config':".repeat(100_000), 2);
        refused("{'config':{'layers':[{'class_name':'Dense','config':{'name':'a'},'inbound_nodes':"
                + "[".repeat(200) + "]".repeat(200) + "},{}]}}", 2);
    }
}
