package org.charlstm.run;

import java.util.Objects;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.StopRequest;
import org.jspecify.annotations.Nullable;

/** Stops its run on a {@link StopRequest}: by an action, once, on another thread. */
final class StopListener implements RunListener {
    private final Runnable stop;
    private final long periodMillis;
    private @Nullable Thread watch;

    StopListener(Runnable stop, long periodMillis) {
        this.stop = stop;
        this.periodMillis = periodMillis;
    }

    @Override
    public void begin(TrainingRun run) {
        RunFolder folder = Objects.requireNonNull(run.status.folder, "a run that begins has a folder");
        watch = Thread.ofVirtual().name("stop request").start(() -> {
            try {
                // A run that fails closes its folder without a call to end().
                while (folder.isOpen()) {
                    if (StopRequest.take(folder.path())) {
                        stop.run();
                        return;
                    }
                    Thread.sleep(periodMillis);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Requests count until the end, for the test after training can be stopped too. */
    @Override
    public void end() {
        if (watch != null) {
            watch.interrupt();
        }
    }
}
