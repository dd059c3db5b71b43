package org.charlstm.run;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.charlstm.CharlstmException;
import org.charlstm.io.Reason;
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
    private @Nullable Thread watch;

    /**
     * A listener that has a run heed such wishes.
     *
     * @param stop what is to be done about one, on another thread; after it no other is looked for
     */
    public StopRequest(Runnable stop) {
        this.stop = stop;
    }

    /**
     * Asks a run to stop; whether it does, its folder shows.
     *
     * @param folder the run's
     * @throws CharlstmException if the folder cannot be written to
     */
    public static void ask(Path folder) {
        try {
            Files.createFile(folder.resolve(NAME));
        } catch (FileAlreadyExistsException e) {
            // It has been asked.
        } catch (IOException e) {
            throw new CharlstmException(folder + " cannot be written to (" + Reason.of(e) + ")", e);
        }
    }

    @Override
    public void begin(TrainingRun run) {
        Path file = Objects.requireNonNull(run.folder(), "a run that begins has a folder").path().resolve(NAME);
        // A wish that nobody heeded was not for this run.
        asked(file);
        watch = Thread.ofVirtual().name("stop request").start(() -> {
            try {
                while (!asked(file)) {
                    Thread.sleep(PERIOD_MILLIS);
                }
                stop.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static boolean asked(Path file) {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void trained(TrainingRun.End end) {
        if (watch != null) {
            watch.interrupt();
        }
    }
}
