package org.charlstm.keras;

import module java.base;
import org.charlstm.Fuzz;
import org.charlstm.circle.Sampled;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.machine.Needs;
import org.charlstm.machine.TestData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutated files of Keras, our own and real ones. */
@Sampled
class KerasFuzzTest {
    @TempDir
    private Path folder;

    @Test
    void exports() throws IOException {
        Path model = folder.resolve("model.h5");
        Path weights = folder.resolve("model.weights.h5");
        ExportFormat.KERAS.write(model, Exported.model(RecurrentActivation.SIGMOID));
        ExportFormat.WEIGHTS.write(weights, Exported.model(RecurrentActivation.SIGMOID));
        Path everyKind = folder.resolve("every-kind.h5");
        ExportFormat.KERAS.write(everyKind, Exported.everyKind(false));
        Path cells = folder.resolve("cells.h5");
        ExportFormat.KERAS.write(cells, Exported.ofCells(RecurrentCell.forms().stream().toArray(RecurrentCell[]::new)));
        spoil("export.h5", List.of(model, weights, everyKind, cells));
    }

    @Test
    @Needs(data = "keras")
    void filesOfKeras() throws IOException {
        Stream<String> small = Stream.of("dl4j_simple_lstm_tf_keras_1_weights.h5",
                "dl4j_simple_lstm_th_keras_1_model.h5", "dl4j_simple_lstm_tf_keras_2_model.h5",
                "k3.9.2_charlstm_shakespeare.weights.h5", "k3.9.2_charlstm_shakespeare.keras");
        Stream<String> more = Fuzz.CASES <= 1000 ? Stream.of()
                : Stream.of("k1.2.1_tf_charlstm_sonnets_model.hdf5", "k2.1.5_tf_cudnnlstm_textgenrnn_weights.hdf5",
                        "dl4j_simple_lstm_tf_keras_1_model.h5", "dl4j_simple_lstm_tf_keras_2_weights.h5",
                        "dl4j_simple_lstm_th_keras_1_weights.h5");
        spoil("keras.h5", Stream.concat(small, more).map(name -> TestData.file("keras/" + name)).toList());
    }

    private void spoil(String name, List<Path> originals) throws IOException {
        List<Hdf5Mutation> mutations = new ArrayList<>();
        for (Path original : originals) {
            mutations.add(new Hdf5Mutation(Files.readAllBytes(original)));
        }
        Fuzz.run(folder.resolve(name), Fuzz.Mutation.any(mutations),
                file -> KerasImport.of(KerasFile.read(file), Optional.empty()));
    }
}
