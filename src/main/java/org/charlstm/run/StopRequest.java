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
 * Another process's wish that a run ends as it does after Ctrl-C: an empty file in the run's folder, for which the run
 * looks once a second. No signal is sent, so that none reaches a process that has had the run's number since, or has it
 * on another machine.
 */
public final class StopRequest implements RunListener {
    private static final String NAME = ".stop";
    private static final long PERIOD_MILLIS = 1000;

    private final Runnable stop;
    private final long periodMillis;
    private @Nullable Thread watch;

    /**
     * A listener that has a run heed such wishes.
     *
     * @param stop what is to be done about one, on another thread; after it no other is looked for
     */
    public StopRequest(Runnable stop) {
        this(stop, PERIOD_MILLIS);
    }

    /** The same with another period. */
    StopRequest(Runnable stop, long periodMillis) {
        this.stop = stop;
        this.periodMillis = periodMillis;
    }

    /**
     * Asks a run to stop; whether it does, its folder shows.
     *
     * @throws CharlstmException if the folder cannot be written to
     */
    public static void ask(Path folder) {
        try {
            Files.createFile(folder.resolve(NAME));
        } catch (FileAlreadyExistsException e) {
            // It has been asked.
        } catch (IOException e) {
            throw new CharlstmException(folder + " cannot be written to (" + IoFailure.of(e) + ")", e);
        }
    }

    /** Drops a wish that is no longer, or not yet, anybody's. */
    static void forget(Path folder) {
        isAsked(folder.resolve(NAME));
    }

    @Override
    public void begin(TrainingRun run) {
        RunFolder folder = Objects.requireNonNull(run.folder(), "a run that begins has a folder");
        watch = Thread.ofVirtual().name("stop request").start(() -> {
            try {
                // A run that fails tells nobody, but leaves its folder, where a wish then is another's.
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

    /** Not once it has trained: the test that may follow can be left out too. */
    @Override
    public void end() {
        if (watch != null) {
            watch.interrupt();
        }
    }
}
