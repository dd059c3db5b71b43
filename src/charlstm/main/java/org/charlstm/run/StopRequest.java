package org.charlstm.run;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.charlstm.CharlstmException;
import org.charlstm.io.IoFailure;
import org.jspecify.annotations.Nullable;

/**
 * Asks a run in another process to stop as after Ctrl-C: by an empty file in the run's folder, for which the run looks
 * once a second. A signal could reach another process, which has the same number later or on another machine.
 */
public final class StopRequest implements RunListener {
    private static final String NAME = ".stop";
    private static final long PERIOD_MILLIS = 1000;

    private final Runnable stop;
    private final long periodMillis;
    private @Nullable Thread watch;

    /** A listener that stops its run on a request: by this action, once, on another thread. */
    public StopRequest(Runnable stop) {
        this(stop, PERIOD_MILLIS);
    }

    StopRequest(Runnable stop, long periodMillis) {
        this.stop = stop;
        this.periodMillis = periodMillis;
    }

    /**
     * Asks a run to stop.
     *
     * @throws CharlstmException if the folder cannot be written to
     */
    public static void ask(Path folder) {
        try {
            Files.createFile(folder.resolve(NAME));
        } catch (FileAlreadyExistsException e) {
            // It was asked before.
        } catch (IOException e) {
            throw new CharlstmException(folder + " cannot be written to (" + IoFailure.of(e) + ")", e);
        }
    }

    /** Deletes a request that is not for the run to come. */
    static void forget(Path folder) {
        isAsked(folder.resolve(NAME));
    }

    @Override
    public void begin(TrainingRun run) {
        RunFolder folder = Objects.requireNonNull(run.folder(), "a run that begins has a folder");
        watch = Thread.ofVirtual().name("stop request").start(() -> {
            try {
                // A run that fails closes its folder without a call to end().
                while (folder.isOpen()) {
                    if (isAsked(folder.path().resolve(NAME))) {
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

    private static boolean isAsked(Path file) {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            return false;
        }
    }

    /** Requests count until the end, for the test after training can be stopped too. */
    @Override
    public void end() {
        if (watch != null) {
            watch.interrupt();
        }
    }
}
