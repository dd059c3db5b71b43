package org.charlstm.run;

import java.util.Objects;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.StopRequest;
import org.jspecify.annotations.Nullable;

/** Stops its run on a {@link StopRequest}. Another thread looks for the request, and runs the stop action once. */
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
                // A failing run closes its folder without calling end().
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

    /** Stops looking for requests. A request can also stop the test after training. */
    @Override
    public void end() {
        if (watch != null) {
            watch.interrupt();
        }
    }
}
