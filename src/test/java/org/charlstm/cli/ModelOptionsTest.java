package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.InitialWeights;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code train} is told of a new model's weights. */
class ModelOptionsTest {
    private static final Object[] OTHER = {"--initializer", "uniform", "--recurrent-initializer", "glorot_uniform",
        "--forget-bias", 0};

    @TempDir
    private static Path folder;
    private static Path text;
    private static Path model;

    @BeforeAll
    static void train() {
        text = Tiny.text(folder);
        model = Tiny.train(text, folder.resolve("other"),
                Stream.concat(Stream.of("--epochs", 0), Stream.of(OTHER)).toArray());
    }

    @Test
    void aModelBeginsAsAskedForAndGoesOn() {
        SavedModel saved = ModelFile.load(model);
        Weights expected = new InitialWeights(Initializer.UNIFORM, Initializer.GLOROT_UNIFORM, 0)
                .weights(saved.config(), 1);
        for (Tensor tensor : expected.tensors()) {
            assertArrayEquals(tensor.values(), saved.weights().get(tensor.name()).values(), tensor.name());
        }
        String run = folder.resolve("other").toString();
        assertEquals("charlstm: --forget-bias is 1.0, but " + run + " was begun with 0.0; leave it out",
                Refusal.of(Main.USAGE, folder, "train", "--resume", run, "--forget-bias", 1));
        Tool.output("train", "--resume", run, "--epochs", 1);
    }
}
