package org.charlstm.keras;

import static org.charlstm.Refusals.assertRefused;
import static org.charlstm.keras.Hdf5Fixture.columns;
import static org.charlstm.keras.Hdf5Fixture.layer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** GRU and Elman layers alone, without a configuration, in the layouts of all generations. */
class CellLayoutTest {
    private static final int HIDDEN = 3;

    @TempDir
    private Path folder;

    /** {@code pieces} and {@code joined} are Keras 1's, for the processor and for the GPU. */
    private static List<Tensor> arrays(String layout, String layer, Tensor kernel, Tensor recurrent, Tensor bias) {
        return switch (layout) {
            case "pieces" -> {
                List<Tensor> arrays = new ArrayList<>();
                for (int gate = 0; gate < 3; gate++) {
                    String suffix = "_" + "zrh".charAt(gate);
                    arrays.add(columns(layer + "_W" + suffix, kernel, gate * HIDDEN, HIDDEN));
                    arrays.add(columns(layer + "_U" + suffix, recurrent, gate * HIDDEN, HIDDEN));
                    arrays.add(columns(layer + "_b" + suffix, bias, gate * HIDDEN, HIDDEN));
                }
                yield arrays;
            }
            case "joined" -> List.of(kernel.named(layer + "_W:0"), recurrent.named(layer + "_U:0"),
                    bias.named(layer + "_b:0"));
            case "cudnn" -> List.of(Hdf5Fixture.ofCudnn("kernel:0", kernel, 3),
                    Hdf5Fixture.ofCudnn("recurrent_kernel:0", recurrent, 3),
                    new Tensor("bias:0", List.of(bias.values().length), bias.values()));
            default -> List.of(kernel.named("kernel:0"), recurrent.named("recurrent_kernel:0"), bias.named("bias:0"));
        };
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"GRU,false,pieces,-,HARD_SIGMOID", "GRU,false,joined,-,HARD_SIGMOID",
        "GRU,false,pieces,1.2.2,HARD_SIGMOID", "GRU,false,keras 2,2.1.6,HARD_SIGMOID",
        "GRU,false,keras 2,2.3.1,SIGMOID",
        "GRU,true,keras 2,2.2.4,HARD_SIGMOID", "GRU,true,keras 2,2.4.0,SIGMOID", "GRU,true,keras 3,3.1.0,SIGMOID",
        "GRU,true,cudnn,2.1.5,SIGMOID", "RNN,false,joined,-,HARD_SIGMOID", "RNN,false,keras 2,2.1.6,HARD_SIGMOID",
        "RNN,false,keras 3,3.1.0,SIGMOID"})
    void everyLayoutGivesTheSameWeights(RecurrentCell.Named name, boolean resetAfter, String layout,
            @Nullable String version, RecurrentActivation expected) {
        RecurrentCell cell = name.with(expected, resetAfter);
        Weights weights = Exported.withBatchNorm(Initializer.keras(ModelConfig.of(5, new RecurrentLayer(HIDDEN, cell)),
                3));
        List<Tensor> its = weights.tensors();
        KerasModel read = KerasFile.read(Hdf5Fixture.write(folder.resolve("weights.h5"), root -> {
            if (version != null) {
                root.putAttribute("keras_version", version);
            }
            String layer = cell.kind() + "_1";
            root.putAttribute("layer_names", new String[] {layer, "dense_1"});
            layer(root, layer, arrays(layout, layer, its.get(0), its.get(1), its.get(2)));
            layer(root, "dense_1", List.of(its.get(3).named("dense_1_k"), its.get(4).named("dense_1_b")));
        }));
        KerasImport imported = KerasImport.of(read, Optional.empty());
        assertEquals(weights, imported.weights());
        List<String> assumed = new ArrayList<>(List.of(
                "the layer " + cell.kind() + "_1 is taken to give its output at each step: the file does not say it"));
        if (cell.kind().equals("rnn")) {
            assumed.add("the layer rnn_1 is taken to have the activation tanh: the file does not say it");
        } else if (!layout.equals("cudnn")) {
            assumed.add("the recurrent activation is taken to be " + expected + ", the default of Keras "
                    + (version == null ? "1" : version) + ": the file does not say it");
        }
        assumed.add("the layer dense_1 is taken to have a softmax: the file does not say it");
        assertEquals(assumed, imported.assumptions());
    }

    /** Only cells with gates have a CuDNN class, whose bias is twice as long. */
    @Test
    void aPlainLayerHasNoBiasesOfCudnn() {
        Path file = Hdf5Fixture.write(folder.resolve("weights.h5"), root -> {
            root.putAttribute("layer_names", new String[] {"simple_rnn_1"});
            layer(root, "simple_rnn_1", List.of(new Tensor("kernel:0", List.of(5, HIDDEN), new double[5 * HIDDEN]),
                    new Tensor("recurrent_kernel:0", List.of(HIDDEN, HIDDEN), new double[HIDDEN * HIDDEN]),
                    new Tensor("bias:0", List.of(2 * HIDDEN), new double[2 * HIDDEN])));
        });
        assertTrue(assertRefused(file.toString(), () -> KerasFile.read(file)).contains("a layer simple_rnn_1 with "
                + "arrays of shape [[5, 3], [3, 3], [6]]"));
    }
}
