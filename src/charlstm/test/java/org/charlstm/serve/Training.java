package org.charlstm.serve;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.nn.Model;
import org.charlstm.run.RunListener;
import org.charlstm.run.Setup;
import org.charlstm.run.TrainingRun;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/** A run that trains in a thread of this process, which the folder's lock shows, until somebody stops it. */
final class Training implements AutoCloseable {
    private static final long PATIENCE_MILLIS = 600_000;

    private final CountDownLatch begun = new CountDownLatch(1);
    private final AtomicReference<TrainingRun.@Nullable End> end = new AtomicReference<>();
    private final AtomicReference<@Nullable TrainingRun> training = new AtomicReference<>();
    private final Thread thread;

    /** Begins; after each epoch it pauses. Sentences come every third. */
    Training(Path run, long pauseMillis) throws InterruptedException {
        this(run, pauseMillis, 0, Served.SETUP.epochs(10_000_000));
    }

    /** The same of another setup, with a pause after each step. */
    Training(Path run, long pauseMillis, long stepMillis, Setup setup) throws InterruptedException {
        thread = Thread.ofPlatform().start(() -> {
            try (Device device = Devices.open("cpu", new DeviceOptions(1));
                    Model model = new Model(device, setup.weights(Served.TEXT.vocabulary().size()))) {
                TrainingRun own = new TrainingRun(model, Served.TEXT, setup).sentences(3, 2);
                training.set(own);
                end.set(own.stopOnRequest().add(new RunListener() {
                    @Override
                    public void step(int done, int total, EpochListener.Progress progress) {
                        begun.countDown();
                        pause(stepMillis);
                    }

                    @Override
                    public void learned(Figures figures) {
                        pause(pauseMillis);
                    }
                }).train(run, true));
            }
        });
        assertTrue(begun.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS), "it does not begin");
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether somebody else has stopped it, as Ctrl-C does; waits for that. */
    boolean isStopped() throws InterruptedException {
        thread.join(PATIENCE_MILLIS);
        assertFalse(thread.isAlive(), "it trains on");
        return end.get() == TrainingRun.End.AFTER_EPOCH || end.get() == TrainingRun.End.IN_EPOCH;
    }

    @Override
    public void close() {
        TrainingRun own = training.get();
        if (own != null) {
            own.stop();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
