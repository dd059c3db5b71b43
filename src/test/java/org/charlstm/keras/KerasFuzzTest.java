package org.charlstm.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.TestData;
import org.charlstm.device.RecurrentActivation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Spoilt files: each is read, or refused in one line, soon and without much memory. For more of them:
 * {@code mvn test -Dtest=KerasFuzzTest -Dcharlstm.fuzz=10000 -Dcharlstm.fuzz.seed=1}, with {@code -Xmx512m} among
 * {@code jvm.flags}.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KerasFuzzTest {
    private static final int COUNT = Integer.getInteger("charlstm.fuzz", 300);
    private static final long SEED = Long.getLong("charlstm.fuzz.seed", 1);

    @TempDir
    private Path folder;

    @Test
    void spoiltExports() throws IOException {
        Path model = folder.resolve("model.h5");
        Path weights = folder.resolve("model.weights.h5");
        ExportFormat.KERAS.write(model, Exported.model(RecurrentActivation.SIGMOID));
        ExportFormat.WEIGHTS.write(weights, Exported.model(RecurrentActivation.SIGMOID));
        spoil(List.of(model, weights), COUNT);
    }

    @Test
    @Timeout(value = 3600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void spoiltFilesOfKeras() throws IOException {
        List<Path> files = new ArrayList<>(Stream.of("dl4j_simple_lstm_tf_keras_1_weights.h5",
                "dl4j_simple_lstm_th_keras_1_model.h5", "dl4j_simple_lstm_tf_keras_2_model.h5",
                "k3.9.2_charlstm_shakespeare.weights.h5", "k3.9.2_charlstm_shakespeare.keras")
                .map(name -> TestData.file("keras/" + name)).toList());
        if (COUNT > 1000) {
            Stream.of("k1.2.1_tf_charlstm_sonnets_model.hdf5", "k2.1.5_tf_cudnnlstm_textgenrnn_weights.hdf5",
                    "dl4j_simple_lstm_tf_keras_1_model.h5", "dl4j_simple_lstm_tf_keras_2_weights.h5",
                    "dl4j_simple_lstm_th_keras_1_weights.h5").map(name -> TestData.file("keras/" + name))
                    .forEach(files::add);
        }
        spoil(files, COUNT);
    }

    private void spoil(List<Path> originals, int count) throws IOException {
        List<Mutation> mutations = new ArrayList<>();
        for (Path original : originals) {
            mutations.add(new Mutation(Files.readAllBytes(original)));
        }
        Random random = new Random(SEED);
        Path file = folder.resolve("spoilt");
        int read = 0;
        long slowest = 0;
        for (int number = 0; number < count; number++) {
            Files.write(file, mutations.get(number % mutations.size()).next(random));
            long start = System.nanoTime();
            try {
                KerasImport.of(KerasFile.read(file), Optional.empty());
                read++;
            } catch (CharlstmException e) {
                String message = e.getMessage();
                assertTrue(message.contains(file.toString()) && message.length() < 1000, message);
                assertEquals(1, message.lines().count(), message);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("file " + number + " of seed " + SEED + ", from "
                        + originals.get(number % mutations.size()), e);
            }
            slowest = Math.max(slowest, System.nanoTime() - start);
        }
        System.out.printf(Locale.ROOT, "%d spoilt files, seed %d: %d read, %d refused; the slowest took %d ms%n", count,
                SEED, read, count - read, slowest / 1_000_000);
    }
}
