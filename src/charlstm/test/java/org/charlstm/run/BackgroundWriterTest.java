package org.charlstm.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.run.BackgroundWriter.Pending;
import org.charlstm.run.folder.OutFolder;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.text.Captions;
import org.charlstm.text.Vocabulary;
import org.charlstm.train.DivergenceException;
import org.charlstm.train.Figures;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that are written in the background, and the events that follow. */
@Timeout(900)
@Tag("outside")
class BackgroundWriterTest {
    private static final Vocabulary VOCABULARY = TrainingText.of(Captions.of(List.of("a cat"))).vocabulary();

    @TempDir
    private Path folder;

    private final List<String> told = new ArrayList<>();
    private RunFolder run;
    private BackgroundWriter writer;

    @BeforeEach
    void open() {
        run = new RunFolder(OutFolder.prepare(folder.resolve("run"), false));
        writer = new BackgroundWriter(run, told::add);
    }

    @AfterEach
    void close() {
        writer.close();
        run.close();
    }

    private static SavedModel model(long seed, float first) {
        Weights weights = Setup.LAB.sized(2, 1, 2).training(new TrainingOptions(2, 0.01, seed, true))
                .weights(VOCABULARY.size());
        Tensor tensor = weights.tensors().getFirst();
        tensor.values()[0] = first;
        return new SavedModel(weights.config(), 7, VOCABULARY, weights);
    }

    private void hand(int epoch, SavedModel model) {
        writer.write(
                new Pending().model(epoch, () -> model).figures(new Figures(epoch, Map.of(Figures.LOSS, 1.0 / epoch)),
                        () -> model),
                () -> told.add("epoch " + epoch));
    }

    /** The disk is slower than the epochs: they go on, and none is told of before it is saved. */
    @Test
    void eventsRunOnceTheirFilesAreWritten() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch slow = new CountDownLatch(1);
        writer.write(new Pending().optional(() -> {
            begun.countDown();
            try {
                slow.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }));
        begun.await();
        for (int epoch = 1; epoch <= 3; epoch++) {
            hand(epoch, model(epoch, epoch));
        }
        // Of an epoch that is not whole yet, the model alone.
        SavedModel next = model(4, 4);
        writer.write(new Pending().model(4, () -> next));
        writer.await(0.01);
        writer.report();
        List<String> before = List.copyOf(told);
        boolean there = Files.exists(run.path().resolve(ModelFile.NAME));
        slow.countDown();
        assertEquals(List.of(), before);
        assertFalse(there);
        writer.settle();
        assertEquals(List.of("epoch 1", "epoch 2", "epoch 3"), told);
        assertEquals(List.of("{\"epoch\":1,\"loss\":1.0}", "{\"epoch\":2,\"loss\":0.5}",
                "{\"epoch\":3,\"loss\":0.3333333333333333}"),
                Files.readAllLines(run.path().resolve(RunFolder.METRICS)));
        assertEquals(4, ModelFile.load(run.path().resolve(ModelFile.NAME)).weights().tensors().getFirst().values()[0]);
        assertEquals("of epoch 3", writer.last.origin());
        assertEquals(3, writer.last.model().weights().tensors().getFirst().values()[0]);
    }

    @Test
    void aFailedWriteEndsTheRunAndRunsNoEvent() throws IOException {
        hand(1, model(1, 1));
        writer.settle();
        Files.createDirectory(run.path().resolve(RunFolder.BEST));
        writer.write(new Pending().best(() -> model(2, 2), new Figures.Best(2, "val_loss", 0.5)),
                () -> told.add("epoch 2"));
        CharlstmException failure = assertThrows(CharlstmException.class, writer::settle);
        assertTrue(failure.getMessage().contains(RunFolder.BEST), failure.getMessage());
        hand(3, model(3, 3));
        writer.settle();
        assertEquals(List.of("epoch 1"), told);
        assertEquals(1, ModelFile.load(run.path().resolve(ModelFile.NAME)).weights().tensors().getFirst().values()[0]);
    }

    @Test
    void weightsThatAreNotFiniteAreNotSaved() {
        hand(1, model(1, 1));
        hand(2, model(2, Float.NaN));
        assertTrue(assertThrows(DivergenceException.class, writer::settle).getMessage().contains("epoch 2, not saved"));
    }

    /** As TensorBoard's events. */
    @Test
    void aFailedOptionalWriteIsOneWarning() {
        for (int epoch = 1; epoch <= 3; epoch++) {
            writer.write(new Pending().optional(() -> {
                throw new CharlstmException("the events cannot be written");
            }));
        }
        writer.settle();
        assertEquals(List.of("the events cannot be written"), told);
    }
}
