package org.charlstm.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.StopRequest;
import org.charlstm.text.Captions;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wishes that a run ends, at all times at which they can come. */
@Tag("outside")
class StopRequestTest {
    private static final TrainingText TEXT = TrainingText.of(Captions.of(List.of("a cat", "a dog", "the sun")))
            .testing(1);
    private static final Setup SETUP = Setup.LAB.sized(3, 1, 2).epochs(40)
            .training(new TrainingOptions(2, 0.05, 5, true));
    private static final long PERIOD_MILLIS = 10;

    @TempDir
    private Path folder;

    /** Trains with listeners around the one that heeds wishes. */
    private TrainingRun.End train(RunListener before, RunListener after, Runnable heeded) {
        return SmallRun.with("cpu", TEXT, SETUP, run -> run.add(before).add(new StopListener(() -> {
            run.stop();
            heeded.run();
        }, PERIOD_MILLIS)).add(after).train(folder, true));
    }

    private boolean isAsked() {
        return Files.exists(folder.resolve(".stop"));
    }

    private static final RunListener NOBODY = new RunListener() {
    };

    @Test
    void anOldRequestDoesNotStopTheNextRun() {
        StopRequest.ask(folder);
        StopRequest.ask(folder);
        assertEquals(TrainingRun.End.WHOLE, train(NOBODY, new RunListener() {
            @Override
            public void end() {
                StopRequest.ask(folder);
            }
        }, () -> {}));
        assertFalse(isAsked(), "a wish that came too late is left");
    }

    /** Others see the run as one that trains before it looks for wishes. */
    @Test
    void aRequestBeforeTheFirstLookStopsTheRun() {
        assertNotEquals(TrainingRun.End.WHOLE, train(new RunListener() {
            @Override
            public void begin(TrainingRun run) {
                assertTrue(RunFolder.isTraining(folder));
                StopRequest.ask(folder);
            }

            @Override
            public void epoch(int epoch) {
                pause(PERIOD_MILLIS);
            }
        }, NOBODY, () -> {}));
        assertFalse(isAsked());
    }

    @Test
    void aRequestBeforeTheTestSkipsIt() {
        CountDownLatch heeded = new CountDownLatch(1);
        AtomicBoolean untested = new AtomicBoolean();
        assertEquals(TrainingRun.End.WHOLE, train(NOBODY, new RunListener() {
            @Override
            public void trained(TrainingRun.End end) {
                StopRequest.ask(folder);
                try {
                    assertTrue(heeded.await(10, TimeUnit.MINUTES), "nobody looks for a wish any more");
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }

            @Override
            public void untested() {
                untested.set(true);
            }
        }, heeded::countDown));
        assertTrue(untested.get());
    }

    /** The listener of an ended run takes no request that comes later. */
    @Test
    void aRequestAfterAFailureStays() {
        assertThrows(OutOfMemoryError.class, () -> train(NOBODY, new RunListener() {
            @Override
            public void epoch(int epoch) {
                throw new OutOfMemoryError("a test's own");
            }
        }, () -> {}));
        pause(2 * PERIOD_MILLIS);
        StopRequest.ask(folder);
        pause(5 * PERIOD_MILLIS);
        assertTrue(isAsked(), "somebody still looks");
        assertThrows(CharlstmException.class, () -> StopRequest.ask(folder.resolve("none")));
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
