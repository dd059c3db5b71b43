package org.charlstm.run;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.io.ModelFile;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.RunJson;
import org.charlstm.run.folder.StateFile;
import org.charlstm.text.Captions;
import org.charlstm.text.generated.GeneratedCaptions;
import org.charlstm.train.Figures;
import org.charlstm.train.Schedule;
import org.charlstm.train.TrainingOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that ends before its last epoch is the beginning of the run that does not, whatever it was stopped by. */
class EarlyStoppingTest {
    private static final TrainingText TEXT = TrainingText.of(Captions.of(GeneratedCaptions.generate(17, 3).stream()
            .map(caption -> caption.substring(0, Math.min(12, caption.length()))).toList())).holdingBack(3);
    private static final int PATIENCE = 3;
    private static final Setup SETUP = Setup.LAB.sized(9, 1, 0).epochs(25)
            .training(new TrainingOptions(4, 0.1, 5, true));

    @TempDir
    private static Path folder;
    /** Of every epoch of the run that trains them all, by what is monitored. */
    private static List<Figures> all;

    private static TrainingRun.End train(String name, TrainingText text, Setup setup, int stopAfter) {
        return run(name, text, setup, stopAfter, false);
    }

    private static TrainingRun.End run(String name, TrainingText text, Setup setup, int stopAfter, boolean resume) {
        return SmallRun.with("cpu", text, setup, run -> {
            run.add(new RunListener() {
                @Override
                public void learned(Figures figures) {
                    if (figures.epoch() == stopAfter) {
                        run.stop();
                    }
                }
            });
            TrainingRun.End end = resume ? run.resume(folder.resolve(name)) : run.train(folder.resolve(name), false);
            if (all == null) {
                all = run.figures();
            }
            return end;
        });
    }

    private static Setup patient(int patience, @Nullable String monitor) {
        return SETUP.stopping(new EarlyStopping(patience, monitor));
    }

    @BeforeAll
    static void trainAll() {
        assertEquals(TrainingRun.End.WHOLE, train("all", TEXT, SETUP, 0));
    }

    private static int best(String figure, int until) {
        int best = 1;
        for (int epoch = 2; epoch <= until; epoch++) {
            best = all.get(epoch - 1).get(figure) < all.get(best - 1).get(figure) ? epoch : best;
        }
        return best;
    }

    /** The epoch with which Keras ends at this patience. */
    private static int end(String figure, int patience) {
        int waited = 0;
        for (int epoch = 1; epoch <= all.size(); epoch++) {
            waited = best(figure, epoch) == epoch ? 0 : waited + 1;
            if (waited == patience) {
                return epoch;
            }
        }
        throw new AssertionError(figure + " is better too often for this test: " + all);
    }

    private static int epochs(String name) throws IOException {
        return Files.readAllLines(folder.resolve(name).resolve(RunFolder.METRICS)).size();
    }

    private static String described(String name, String member) throws IOException {
        return RunJson.read(folder.resolve(name))
                .get(member).getAsString();
    }

    private static Figures.Best kept(String name) throws IOException {
        return RunFolder.bestOf(folder, ModelFile.read(folder.resolve(name).resolve(RunFolder.BEST)).metadata())
                .orElseThrow();
    }

    /** The best of a description: its epoch and loss, and that its model is not kept. */
    private static void assertNotKept(String name, int epoch, String monitor) throws IOException {
        assertFalse(Files.exists(folder.resolve(name).resolve(RunFolder.BEST)), "a best model");
        assertEquals(JsonParser.parseString("{\"epoch\":" + epoch + ",\"monitor\":\"" + monitor + "\",\"loss\":"
                + all.get(epoch - 1).get(monitor) + ",\"kept\":false}"),
                RunJson.read(folder.resolve(name))
                        .get("best"));
    }

    private static void assertSame(String one, String other, String file) throws IOException {
        assertArrayEquals(Files.readAllBytes(folder.resolve(one).resolve(file)),
                Files.readAllBytes(folder.resolve(other).resolve(file)), file + " of " + one + " and " + other);
    }

    @Test
    void aRunEndsWhenNothingGetsBetterAndAResumedOneCountsOn() throws IOException {
        int end = end(Figures.VAL_LOSS, PATIENCE);
        assertTrue(end > 1 + PATIENCE && end < all.size(), "ends after epoch " + end);
        assertEquals(TrainingRun.End.EARLY, train("early", TEXT, patient(PATIENCE, null), 0));
        assertEquals(end, epochs("early"));
        assertEquals("early", described("early", "end"));
        assertEquals(Figures.VAL_LOSS, described("early", "monitor"));
        assertEquals(end, StateFile.load(folder.resolve("early")).training().epoch());
        int best = end - PATIENCE;
        assertEquals(new Figures.Best(best, Figures.VAL_LOSS, all.get(best - 1).get(Figures.VAL_LOSS)),
                kept("early"));
        // Stopped while it waits.
        assertEquals(TrainingRun.End.AFTER_EPOCH, train("stopped", TEXT, patient(PATIENCE, null), end - 1));
        assertEquals(TrainingRun.End.EARLY, run("stopped", TEXT, patient(PATIENCE, null), 0, true));
        assertEquals(end, epochs("stopped"));
        assertSame("early", "stopped", ModelFile.NAME);
        assertSame("early", "stopped", RunFolder.BEST);
        // It has ended, and a longer run that went on is that which did not end.
        assertEquals(TrainingRun.End.EARLY, run("stopped", TEXT, patient(PATIENCE, null), 0, true));
        assertEquals(end, epochs("stopped"));
        assertEquals(TrainingRun.End.WHOLE, run("stopped", TEXT, patient(all.size(), null), 0, true));
        assertSame("all", "stopped", ModelFile.NAME);
        assertSame("all", "stopped", RunFolder.BEST);
    }

    /** Its model is gone, since a later epoch was better, but what that has to beat is not. */
    @Test
    void goingBackKeepsWhatIsToBeBeaten() throws IOException {
        int back = 2;
        while (best(Figures.VAL_LOSS, back) == back || best(Figures.VAL_LOSS, back + 1) <= back) {
            back++;
        }
        int best = best(Figures.VAL_LOSS, back);
        train("back", TEXT, patient(0, null), back);
        Path state = Files.copy(folder.resolve("back").resolve(StateFile.NAME), folder.resolve("back/kept"));
        run("back", TEXT, patient(0, null).epochs(back + 1), 0, true);
        assertEquals(back + 1, kept("back").epoch());
        assertEquals(TrainingRun.End.EARLY, run("back/kept", TEXT, patient(back - best, null), 0, true));
        assertEquals(back, epochs("back"));
        assertNotKept("back", best, Figures.VAL_LOSS);
        assertEquals(TrainingRun.End.WHOLE, run("back", TEXT, patient(all.size(), null), 0, true));
        assertSame("all", "back", ModelFile.NAME);
        assertSame("all", "back", RunFolder.BEST);
        Files.delete(state);
    }

    @Test
    void aPatienceThatIsGivenLaterKnowsWhatWasBefore() throws IOException {
        TrainingText alone = new TrainingText(TEXT.captions(), TEXT.corpus(), null, null);
        int end = end(Figures.LOSS, 1);
        train("later", alone, SETUP.epochs(end), 0);
        assertFalse(Files.exists(folder.resolve("later").resolve(RunFolder.BEST)));
        assertEquals(TrainingRun.End.EARLY, run("later", alone, patient(1, null), 0, true));
        assertEquals(end, epochs("later"));
        assertNotKept("later", end - 1, Figures.LOSS);
        // It resumes after the best epoch, whose model is there.
        train("sooner", alone, SETUP.epochs(end - 1), 0);
        assertEquals(TrainingRun.End.EARLY, run("sooner", alone, patient(1, null), 0, true));
        assertEquals(end, epochs("sooner"));
        assertEquals(new Figures.Best(end - 1, Figures.LOSS, all.get(end - 2).loss()), kept("sooner"));
    }

    @Test
    void theBestIsThatOfWhatIsMonitored() throws IOException {
        int end = end(Figures.LOSS, 1);
        assertEquals(TrainingRun.End.EARLY, train("loss", TEXT, patient(1, Figures.LOSS), 0));
        assertEquals(end, epochs("loss"));
        assertEquals(new Figures.Best(end - 1, Figures.LOSS, all.get(end - 2).loss()), kept("loss"));
        String refused = assertThrows(CharlstmException.class,
                () -> run("loss", TEXT, patient(1, null), 0, true)).getMessage();
        assertEquals("the run's best is by loss, not by val_loss; it can only go on with its own monitor", refused);
    }

    @Test
    void aBestModelThatDoesNotSayItsEpochMonitorAndLossIsRefused() {
        String right = "{\"epoch\":3,\"monitor\":\"val_loss\",\"loss\":1.5}";
        assertEquals(Optional.of(new Figures.Best(3, Figures.VAL_LOSS, 1.5)), RunFolder.bestOf(folder,
                Map.of("best", right)));
        assertEquals(Optional.empty(), RunFolder.bestOf(folder, Map.of()));
        String begin = folder + " has a broken description of its best epoch in its metadata: ";
        for (List<String> broken : List.of(List.of("3", "\"x\"", "epoch is \"x\", not a whole number; "),
                List.of("3", "1e99", "epoch is 1e99, not a whole number of at most 2147483647; "),
                List.of("\"epoch\":3,", "", "its epoch is 0; "),
                List.of("1.5", "\"x\"", "loss is \"x\", not a number; "),
                List.of("1.5", "NaN", "loss is \"NaN\", not a number; "),
                List.of("1.5", "{}", "loss is an object, not "),
                List.of("\"val_loss\"", "7", "monitor is 7, not a string; "),
                List.of("val_loss", "x", "its monitor is 'x'; "), List.of(right, "null", "it is no JSON object; "),
                List.of(right, "[", "it is no JSON object; "))) {
            assertRefused(begin + broken.get(2), () -> RunFolder.bestOf(folder,
                    Map.of("best", right.replace(broken.get(0), broken.get(1)))));
        }
    }

    @Test
    void aPlateauGoesByWhatIsMonitored() {
        TrainingOptions training = SETUP.training().schedule(new Schedule.Plateau(0.5, 2, 0), 0);
        train("plateau", TEXT, patient(0, Figures.LOSS).epochs(1).training(training), 0);
        assertEquals(all.getFirst().loss(), StateFile.load(folder.resolve("plateau")).training().course().best());
    }

    @Test
    void withoutValidationTheTrainingLossIsMonitoredIfAnything() throws IOException {
        TrainingText alone = new TrainingText(TEXT.captions(), TEXT.corpus(), null, null);
        assertEquals(TrainingRun.End.EARLY, train("alone", alone, patient(1, null), 0));
        assertEquals(end(Figures.LOSS, 1), epochs("alone"));
        assertEquals(Figures.LOSS, kept("alone").monitor());
        assertThrows(IllegalArgumentException.class,
                () -> train("none", alone, patient(0, Figures.VAL_LOSS), 0));
        assertThrows(IllegalArgumentException.class, () -> new EarlyStopping(-1, null));
        assertThrows(IllegalArgumentException.class, () -> new EarlyStopping(0, Figures.SECONDS));
    }
}
