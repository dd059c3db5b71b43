package org.charlstm.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.device.Device;
import org.charlstm.device.TestDevices;
import org.charlstm.io.ModelFile;
import org.charlstm.nn.Model;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.RunJson;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.generated.GeneratedCaptions;
import org.charlstm.train.Evaluation;
import org.charlstm.train.Figures;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Text for the test has no part in a run until it is over. */
class FinalTestTest {
    private static final TrainingText ALL = TrainingText.of(Captions.of(GeneratedCaptions.generate(19, 3).stream()
            .map(caption -> caption.substring(0, Math.min(12, caption.length()))).toList()));
    private static final TrainingText TEXT = ALL.testing(4).holdingBack(3);
    /** Its rate is so large that the last epoch is not the best. */
    private static final Setup SETUP = Setup.LAB.sized(9, 1, 0).epochs(12)
            .training(new TrainingOptions(4, 0.1, 5, true)).stopping(new EarlyStopping(3, null));

    @TempDir
    private static Path folder;

    private TrainingRun train(String name, TrainingText text, int stopIn) {
        return SmallRun.with("cpu", text, SETUP, run -> {
            run.add(new RunListener() {
                @Override
                public void learned(Figures figures) {
                    assertEquals(Optional.empty(), run.tested());
                    if (figures.epoch() == stopIn) {
                        run.stop();
                    }
                }
            }).train(folder.resolve(name), false);
            return run;
        });
    }

    private static Evaluation evaluation(String name, String file, Corpus corpus) {
        try (Device device = TestDevices.open("cpu");
                Model model = new Model(device, ModelFile.load(folder.resolve(name).resolve(file)).weights())) {
            return Evaluation.of(model, corpus, 4);
        }
    }

    private static JsonObject described(String name) throws IOException {
        return RunJson.read(folder.resolve(name));
    }

    @Test
    void trainingValidationAndTestAreDisjointAndComplete() {
        List<List<Integer>> parts = new ArrayList<>();
        for (Corpus part : List.of(TEXT.corpus(), TEXT.validation(), TEXT.test())) {
            IntStream.range(0, part.rows()).forEach(row -> parts.add(IntStream.of(part.input(row)).boxed().toList()));
        }
        assertEquals(IntStream.range(0, 19).mapToObj(row -> IntStream.of(ALL.corpus().input(row)).boxed().toList())
                .toList(), parts);
        assertEquals(4, TEXT.test().rows());
        assertNotEquals(TEXT.digest(), new TrainingText(TEXT.captions(), TEXT.corpus(), TEXT.validation(),
                TEXT.validationSource()).digest());
        assertEquals(3, TEXT.validation().rows());
        assertThrows(IllegalArgumentException.class, () -> ALL.testing(19));
        assertThrows(IllegalArgumentException.class, () -> ALL.testing(0));
        assertThrows(IllegalStateException.class, () -> ALL.holdingBack(3).testing(4));
        assertThrows(IllegalStateException.class, () -> TEXT.testing(4));
    }

    @Test
    void theBestModelIsTestedAndNothingElse() throws IOException {
        TrainingRun run = train("tested", TEXT, 0);
        int best = run.best().orElseThrow().epoch();
        assertNotEquals(run.epoch(), best);
        Evaluation expected = evaluation("tested", RunFolder.BEST, TEXT.test());
        Figures tested = run.tested().orElseThrow();
        assertEquals(new Figures(best, Map.of(Figures.TEST_LOSS, expected.loss(), Figures.TEST_REAL_LOSS,
                expected.realLoss(), Figures.TEST_BITS, expected.bits())),
                tested);
        assertNotEquals(evaluation("tested", ModelFile.NAME, TEXT.test()).loss(), expected.loss());
        JsonObject said = described("tested").getAsJsonObject("test");
        assertEquals(best, said.get("epoch").getAsInt());
        assertEquals(expected.loss(), said.get(Figures.TEST_LOSS).getAsDouble());
        // Without the test, all that is learned is the same.
        TrainingText same = new TrainingText(TEXT.captions(), TEXT.corpus(), TEXT.validation(), "the same");
        assertEquals(Optional.empty(), train("without", same, 0).tested());
        for (String file : List.of(ModelFile.NAME, RunFolder.BEST)) {
            assertArrayEquals(Files.readAllBytes(folder.resolve("without").resolve(file)),
                    Files.readAllBytes(folder.resolve("tested").resolve(file)));
        }
        assertEquals(false, described("without").has("test"));
        // Where the best model is gone, it is the last that is tested.
        Files.delete(folder.resolve("tested").resolve(RunFolder.BEST));
        TrainingRun last = resume("tested");
        assertEquals(best, last.best().orElseThrow().epoch());
        assertEquals(run.epoch(), last.tested().orElseThrow().epoch());
        assertEquals(evaluation("tested", ModelFile.NAME, TEXT.test()).loss(),
                last.tested().orElseThrow().get(Figures.TEST_LOSS));
    }

    private static TrainingRun resume(String name) {
        return SmallRun.with("cpu", TEXT, SETUP, run -> {
            run.resume(folder.resolve(name));
            return run;
        });
    }

    @Test
    void aTestThatIsLeftOutIsToldOfAndMadeUpFor() throws IOException {
        List<String> told = new ArrayList<>();
        TrainingRun stopped = SmallRun.with("cpu", TEXT, SETUP.epochs(1), run -> {
            run.sentences(1, 1).add(new RunListener() {
                @Override
                public void sentences(int epoch, List<String> sentences) {
                    run.stop();
                }

                @Override
                public void untested() {
                    told.add("untested");
                }

                @Override
                public void end() {
                    told.add("end");
                }
            });
            assertEquals(TrainingRun.End.WHOLE, run.train(folder.resolve("untested"), false));
            return run;
        });
        assertEquals(List.of("untested", "end"), told);
        assertEquals(Optional.empty(), stopped.tested());
        assertEquals(false, described("untested").has("test") || described("untested").has("operations"));
        assertTrue(resume("untested").tested().isPresent());
    }

    @Test
    void withoutABestTheLastModelIsTestedAndOfARunThatIsStoppedNone() throws IOException {
        TrainingRun stopped = train("stopped", TEXT, 2);
        assertEquals(Optional.empty(), stopped.tested());
        assertEquals(false, described("stopped").has("test"));
        TrainingText text = ALL.testing(4);
        SmallRun.with("cpu", text, SETUP.epochs(2).stopping(EarlyStopping.NEVER), run -> {
            List<Figures> told = new ArrayList<>();
            run.add(new RunListener() {
                @Override
                public void tested(Figures figures) {
                    told.add(figures);
                }
            }).train(folder.resolve("last"), false);
            assertEquals(Stream.of(run.tested().orElseThrow()).toList(), told);
            assertEquals(2, told.getFirst().epoch());
            assertEquals(Evaluation.of(run.model(), text.test(), 4).loss(), told.getFirst().get(Figures.TEST_LOSS));
            return run;
        });
    }
}
