package org.charlstm.keras;

import static org.charlstm.Refusals.assertRefused;
import static org.charlstm.keras.Hdf5Fixture.columns;
import static org.charlstm.keras.Hdf5Fixture.layer;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import module java.base;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Models;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The layouts of weights without a configuration all give the same weights. */
class LayoutTest {
    private static final int HIDDEN = 3;
    private static final Weights WEIGHTS = Initializer.keras(Models.of(5, HIDDEN, 1,
            RecurrentActivation.HARD_SIGMOID, List.of(new DenseLayer(4, Activation.RELU))), 3);

    @TempDir
    private Path folder;

    private static Tensor tensor(String name) {
        return WEIGHTS.get(name);
    }

    /** Twelve arrays, in Keras 1's order of gates; its backend adds {@code suffix} to their names. */
    private static List<Tensor> gates(String prefix, String suffix) {
        List<Tensor> arrays = new ArrayList<>();
        for (String gate : List.of("i", "c", "f", "o")) {
            int from = "ifco".indexOf(gate) * HIDDEN;
            arrays.add(columns(prefix + "W_" + gate + suffix, tensor("lstm_1.kernel"), from, HIDDEN));
            arrays.add(columns(prefix + "U_" + gate + suffix, tensor("lstm_1.recurrent_kernel"), from, HIDDEN));
            arrays.add(columns(prefix + "b_" + gate + suffix, tensor("lstm_1.bias"), from, HIDDEN));
        }
        return arrays;
    }

    private static List<Tensor> dense(int number, String kernel, String bias) {
        return List.of(tensor("dense_" + number + ".kernel").named("dense_" + number + kernel),
                tensor("dense_" + number + ".bias").named("dense_" + number + bias));
    }

    private static List<Tensor> keras2() {
        return List.of(tensor("lstm_1.kernel").named("kernel:0"),
                tensor("lstm_1.recurrent_kernel").named("recurrent_kernel:0"), tensor("lstm_1.bias").named("bias:0"));
    }

    private KerasModel read(Consumer<WritableHdfFile> content) {
        return KerasFile.read(Hdf5Fixture.write(folder.resolve("weights.h5"), content));
    }

    private static KerasImport assertSameWeights(KerasModel read, RecurrentActivation expected) {
        KerasImport imported = KerasImport.of(read, Optional.empty());
        assertEquals(WEIGHTS.tensors(), imported.weights().tensors());
        assertEquals(new RecurrentCell.Lstm(expected), imported.weights().config().cells().getFirst());
        return imported;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":0"})
    void keras1OfBothBackendsAndTimeDistributed(String suffix) {
        KerasImport imported = assertSameWeights(read(root -> {
            root.putAttribute("layer_names", new String[] {"lstm_1", "dropout_1", "timedistributed_1",
                "timedistributed_2"});
            layer(root, "lstm_1", gates("lstm_1_", suffix));
            layer(root, "dropout_1", List.of());
            layer(root, "timedistributed_1", dense(1, "_W" + suffix, "_b" + suffix));
            layer(root, "timedistributed_2", dense(2, "_W" + suffix, "_b" + suffix));
        }), RecurrentActivation.HARD_SIGMOID);
        String assumptions = imported.assumptions().toString();
        assertTrue(assumptions.contains("timedistributed_1 is taken to have the activation relu")
                && assumptions.contains("timedistributed_2 is taken to have a softmax")
                && assumptions.contains("hard_sigmoid, the default of Keras 1:"), assumptions);
    }

    @Test
    void keras1ForTheGpu() {
        assertSameWeights(read(root -> {
            root.putAttribute("layer_names", new String[] {"lstm_1", "dense_1", "dense_2"});
            layer(root, "lstm_1", List.of(tensor("lstm_1.kernel").named("lstm_1_W:0"),
                    tensor("lstm_1.recurrent_kernel").named("lstm_1_U:0"),
                    tensor("lstm_1.bias").named("lstm_1_b:0")));
            layer(root, "dense_1", dense(1, "_W:0", "_b:0"));
            layer(root, "dense_2", dense(2, "_W:0", "_b:0"));
        }), RecurrentActivation.HARD_SIGMOID);
    }

    @Test
    void numberedLayers() {
        assertSameWeights(read(root -> {
            List<List<Tensor>> layers = List.of(gates("", ""), List.of(), dense(1, "W", "b"), dense(2, "W", "b"),
                    List.of());
            root.putAttribute("nb_layers", layers.size());
            for (int k = 0; k < layers.size(); k++) {
                WritableGroup group = root.putGroup("layer_" + k);
                group.putAttribute("nb_params", layers.get(k).size());
                for (int p = 0; p < layers.get(k).size(); p++) {
                    group.putDataset("param_" + p, Hdf5Fixture.floats(layers.get(k).get(p)));
                }
            }
        }), RecurrentActivation.HARD_SIGMOID);
    }

    /** The names too long for one attribute are cut into several. */
    @ParameterizedTest
    @CsvSource({"2.0.6,HARD_SIGMOID", "2.2.4,HARD_SIGMOID", "2.2.4-tf,SIGMOID", "2.3.1,SIGMOID", "2.15.0,SIGMOID",
        "3.1.0,SIGMOID"})
    void keras2(String version, RecurrentActivation expected) {
        assertSameWeights(read(root -> {
            root.putAttribute("keras_version", version);
            root.putAttribute("layer_names0", new String[] {"lstm", "dense"});
            root.putAttribute("layer_names1", new String[] {"dense_1"});
            layer(root, "lstm", keras2());
            layer(root, "dense", dense(1, "kernel:0", "bias:0"));
            layer(root, "dense_1", dense(2, "kernel:0", "bias:0"));
        }), expected);
    }

    @Test
    void kernelsOfCudnn() {
        Tensor kernel = tensor("lstm_1.kernel");
        double[] biases = new double[8 * HIDDEN];
        for (int i = 0; i < 4 * HIDDEN; i++) {
            biases[i] = 0.25;
            biases[4 * HIDDEN + i] = tensor("lstm_1.bias").values()[i] - 0.25;
        }
        KerasModel read = read(root -> {
            root.putAttribute("keras_version", "2.1.5");
            root.putAttribute("layer_names", new String[] {"rnn"});
            layer(root, "rnn", List.of(Hdf5Fixture.ofCudnn("kernel:0", kernel, 4),
                    tensor("lstm_1.recurrent_kernel").named("recurrent_kernel:0"),
                    new Tensor("bias:0", List.of(8 * HIDDEN), biases)));
        });
        KerasLayer lstm = read.layers().getFirst();
        assertArrayEquals(kernel.values(), lstm.arrays().get(0).values());
        assertArrayEquals(tensor("lstm_1.bias").values(), lstm.arrays().get(2).values());
        assertEquals(tensor("lstm_1.recurrent_kernel").values()[1], lstm.arrays().get(1).values()[4 * HIDDEN]);
        assertEquals(new KerasLayer.Recurrent(ForeignCell.LSTM, RecurrentCell.Lstm.SIGMOID.options(), Optional.empty()),
                lstm.kind());
    }

    /** Arrays are found by name, in any order. Keras 1 calls a variance a deviation from 1.0.7 on. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', nullValues = "-", value = {
        "1.2.2;_W,_W,_U,_b,_W,_b,_gamma,_beta,_running_mean,_running_std",
        "2.2.4;/embeddings:0,/k:0,/r:0,/b:0,/kernel:0,/bias:0,/gamma:0,/beta:0,/moving_mean:0,/moving_variance:0",
        "2.15.0;/embeddings:0,/k:0,/r:0,/b:0,/kernel:0,/bias:0,/beta_1:0,/gamma_1:0,/moving_mean_1:0,"
                + "/moving_variance_1:0",
        "1.0.6;_W,_W,_U,_b,_W,_b,_gamma,_beta,_running_mean,_running_std",
        "-;_W,_W,_U,_b,_W,_b,_gamma,_beta,_running_mean,_running_std"})
    void embeddingsAndBatchNormalisation(@Nullable String version, String names) {
        Weights weights = Exported.withBatchNorm(Initializer.keras(ModelConfig.of(5, new EmbeddingLayer(2),
                new RecurrentLayer(HIDDEN), new DenseLayer(4, Activation.RELU), BatchNormLayer.KERAS), 3));
        List<String> layers = List.of("embedding_1", "lstm_1", "dropout_1", "dense_1", "batchnormalization_1",
                "dense_2");
        List<String> suffixes = List.of(names.split(",", 0));
        Consumer<WritableHdfFile> content = root -> {
            if (version != null) {
                root.putAttribute("keras_version", version);
            }
            root.putAttribute("layer_names", layers.toArray(String[]::new));
            int at = 0;
            for (String layer : layers) {
                List<Tensor> arrays = new ArrayList<>();
                for (Tensor tensor : weights.tensors()) {
                    if (tensor.name().replace("batch_n", "batchn").startsWith(layer + ".")) {
                        String suffix = suffixes.get(layer.equals("dense_2") ? 4 + arrays.size() : at++);
                        boolean swapped = suffix.equals("/beta_1:0") || suffix.equals("/gamma_1:0");
                        arrays.add((!swapped
                                ? tensor
                                : weights.get("batch_normalization_1." + suffix.substring(1, suffix.length() - 4)))
                                .named(suffix.startsWith("/") ? suffix.substring(1) : layer + suffix));
                    }
                }
                layer(root, layer, arrays);
            }
        };
        if (version == null || version.equals("1.0.6")) {
            assertTrue(assertRefused("weights.h5", () -> read(content)).contains("batchnormalization_1 of class"));
        } else {
            KerasImport imported = KerasImport.of(read(content), Optional.of(RecurrentActivation.SIGMOID));
            assertEquals(weights, imported.weights());
            assertTrue(imported.assumptions().contains(
                    "the layer dropout_1 is left out: the file does not say what it drops"));
        }
    }

    @Test
    void batchNormalisationWithoutGammaOrBeta() {
        Tensor one = new Tensor("moving_mean:0", List.of(2), new double[] {1, 2});
        Tensor two = one.named("moving_variance:0");
        for (String first : List.of("gamma", "beta")) {
            List<Tensor> read = new LayerArrays("x.h5", "norm", List.of(one.named(first + ":0"), one, two)).layer()
                    .arrays();
            assertArrayEquals(first.equals("gamma") ? one.values() : new double[] {1, 1}, read.get(0).values());
            assertArrayEquals(first.equals("beta") ? one.values() : new double[] {0, 0}, read.get(1).values());
        }
        for (List<Tensor> wrong : List.of(List.of(one, one), List.of(one), List.of(one.named("gamma:0"), two),
                List.of(one.named("0"), two.named("1"), two.named("2")), List.of(one, new Tensor("moving_variance",
                        List.of(1), new double[1])))) {
            assertTrue(assertRefused("x.h5", () -> new LayerArrays("x.h5", "norm", wrong).layer())
                    .contains("layer norm"));
        }
        assertTrue(assertRefused("x.h5", () -> new LayerArrays("x.h5", "norm", List.of(one, new Tensor(
                "moving_variance", List.of(2), new double[] {1, -1}))).layer()).contains("below 0"));
    }

    @Test
    void layersOfOtherKindsAreRefusedByName() {
        Path file = folder.resolve("weights.h5");
        for (String name : List.of("embedding", "two_gates", "nobias", "masking_1")) {
            assertTrue(assertRefused(file.toString(), () -> read(root -> {
                root.putAttribute("layer_names", new String[] {name});
                layer(root, name, switch (name) {
                    case "two_gates" -> List.of(columns("kernel:0", tensor("lstm_1.kernel"), 0, 2 * HIDDEN),
                            columns("recurrent:0", tensor("lstm_1.recurrent_kernel"), 0, 2 * HIDDEN),
                            columns("bias:0", tensor("lstm_1.bias"), 0, 2 * HIDDEN));
                    case "nobias" -> keras2().subList(0, 2);
                    case "embedding" -> keras2().subList(0, 1);
                    default -> List.of();
                });
            })).contains("layer " + name));
        }
    }
}
