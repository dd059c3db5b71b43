package org.charlstm.io;

import module java.base;
import org.charlstm.Fuzz;
import org.charlstm.circle.Sampled;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Models;
import org.charlstm.nn.Weights;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutated models. */
@Sampled
class ModelFuzzTest {
    @TempDir
    private Path folder;

    @Test
    void models() throws IOException {
        Path file = folder.resolve(ModelFile.NAME);
        Weights weights = Initializer.keras(Models.of(7, 2, 3), 1);
        ModelFile.save(file, new SavedModel(weights.config(), 6, Vocabulary.ofCharacters("ab\u00e9\n\ud83d\ude00"),
                weights, Map.of("padding", "mask", "batch_size", "8")));
        Fuzz.run(file, new ModelMutation(Files.readAllBytes(file)), ModelFile::loadTensors);
    }
}
