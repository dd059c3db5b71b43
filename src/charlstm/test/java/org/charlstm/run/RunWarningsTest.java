package org.charlstm.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.text.Captions;
import org.charlstm.train.Schedule;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.Test;

/** The warnings of runs, of three updates an epoch in most tests. */
class RunWarningsTest {
    private static final TrainingText TEXT = TrainingText.of(Captions.of(List.of("a", "b", "c", "d", "e")));
    private static final TrainingOptions OPTIONS = new TrainingOptions(2, 0.05, 5, true);

    private static List<String> warnings(int epochs, Schedule schedule, int warmUp) {
        Setup setup = Setup.LAB.sized(3, 1, 0).epochs(epochs).training(OPTIONS.schedule(schedule, warmUp));
        return SmallRun.with("cpu", TEXT, setup, RunWarnings::ofSettings);
    }

    private static void assertOne(List<String> warnings, String... facts) {
        assertEquals(1, warnings.size(), warnings.toString());
        for (String fact : facts) {
            assertTrue(warnings.getFirst().contains(fact), warnings.getFirst());
        }
    }

    @Test
    void aCosineThatEndsBeforeTheRun() {
        assertOne(warnings(3, new Schedule.Cosine(2, 0), 0), "cosine", "epoch 2", "from epoch 3 on");
        assertEquals(List.of(), warnings(3, new Schedule.Cosine(2, 0.01), 0));
        assertEquals(List.of(), warnings(3, new Schedule.Cosine(3, 0), 8));
    }

    @Test
    void aWarmUpThatIsLongerThanTheRun() {
        assertOne(warnings(2, new Schedule.Constant(), 7), "7 updates", "2 epochs of 3 updates", "0.05");
        assertEquals(List.of(), warnings(2, new Schedule.Constant(), 6));
        assertEquals(List.of(), warnings(0, new Schedule.Constant(), 1));
    }

    /** The first epoch is the first best one, and a lower rate needs another epoch after those of the patience. */
    @Test
    void aPlateauThatWaitsLongerThanTheRun() {
        assertOne(warnings(11, new Schedule.Plateau(0.1, 10, 0), 0), "10 epochs", "a run of 11 epochs", "at most 9");
        assertEquals(List.of(), warnings(12, new Schedule.Plateau(0.1, 10, 0), 0));
        assertOne(warnings(2, new Schedule.Plateau(0.1, 1, 0), 0), "1 epoch ", "a run of 2 epochs");
    }

    @Test
    void aWarmUpThatLeavesNothingOfACosineIsRefused() {
        Setup setup = Setup.LAB.sized(3, 1, 0).epochs(2).training(OPTIONS.schedule(new Schedule.Cosine(2, 0), 6));
        OPTIONS.schedule(new Schedule.Cosine(2, 0), 5).requireRoom(5);
        OPTIONS.schedule(new Schedule.Exponential(0.5, 2), 6).requireRoom(5);
        assertThrows(IllegalArgumentException.class,
                () -> SmallRun.with("cpu", TEXT, setup, run -> run.train(Path.of("none"), false)));
    }

    @Test
    void aRateThatIsNothingInFloat32IsRefused() {
        for (double rate : new double[] {0, 1e-60, 1e39, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> new TrainingOptions(2, rate, 5, true));
        }
        for (double rate : new double[] {-1, 1e-60, 1e39, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> new Schedule.Cosine(2, rate));
            assertThrows(IllegalArgumentException.class, () -> new Schedule.Plateau(0.1, 2, rate));
        }
    }

    /** Guesses among 65 symbols have a loss of 4.2. */
    @Test
    void streamsThatAreFarAboveTheMedianAreStuck() {
        assertOne(RunWarnings.stuckStreams(new double[] {1.5, 9.5, 1.6, 10.5, 1.4}, 65, 3).stream().toList(),
                "2 of 5 streams", "epoch 3", "a loss of 10.0", "has 1.6");
    }

    @Test
    void neitherAHardPassageNorAModelThatKnowsNothingIsStuck() {
        assertEquals(Optional.empty(), RunWarnings.stuckStreams(new double[] {1.5, 5.9, 1.6}, 65, 1));
        assertEquals(Optional.empty(), RunWarnings.stuckStreams(new double[] {7, 6.5, 8}, 65, 1));
        assertEquals(Optional.empty(), RunWarnings.stuckStreams(new double[0], 65, 1));
    }
}
