package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.util.List;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model to which all symbols are equally probable: every command takes the first of them for its prediction. */
class TiesTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "reference"})
    void evalCountsWhatVerifyShows(String device) {
        Path text = Tiny.text(folder, "captions.txt", "a cat\na dog\n");
        SavedModel trained = ModelFile.load(Tiny.train(text, folder.resolve("run")));
        List<Tensor> zeros = trained.weights().tensors().stream()
                .map(tensor -> new Tensor(tensor.name(), tensor.shape(), new double[tensor.values().length])).toList();
        Path model = folder.resolve("zeros.safetensors");
        ModelFile.save(model, new SavedModel(trained.config(), trained.steps(), trained.vocabulary(),
                new Weights(trained.config(), zeros)));
        int agree = 0;
        int steps = 0;
        for (int caption = 0; caption < 2; caption++) {
            JsonObject shown = json("verify", model, text, "--caption", caption, "--json", "--device", device);
            agree += shown.get("agree").getAsInt();
            steps += shown.get("steps").getAsInt();
        }
        assertTrue(agree > 0 && agree < steps, agree + " of " + steps);
        assertEquals((double) agree / steps,
                json("eval", model, text, "--json", "--device", device).get("accuracy").getAsDouble(), 1e-12);
    }

    private static JsonObject json(Object... line) {
        return JsonParser.parseString(Tool.output(line)).getAsJsonObject();
    }
}
