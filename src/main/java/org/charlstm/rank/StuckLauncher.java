package org.charlstm.rank;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Open MPI's mpirun where a host has been lost: told to abort, it sends that host a word as well, and waits for the
 * answer as long as TCP sends the word again, which is a quarter of an hour. Only signals end it sooner.
 */
final class StuckLauncher {
    /** What mpirun of Open MPI 5 is as a process; one that serves several jobs has another name. */
    private static final String NAME = "prterun";
    /** What starts ranks in its place on another host. */
    private static final String DAEMON = "prted";
    /** The first has it abort, the next has it say that it does, and that one more ends it. */
    private static final int SIGNALS = 3;
    private static final long BETWEEN_MILLIS = 200;
    /** What ranks have printed goes through it. */
    private static final long FIRST_MILLIS = 1000;

    private StuckLauncher() {
    }

    /** Ends the one that started this process, where it runs on this host; its exit code is 1. */
    static void end() {
        Optional<ProcessHandle> process = ProcessHandle.current().parent();
        while (process.isPresent()) {
            String name = name(process.get());
            if (name.equals(NAME)) {
                signal(process.get());
            }
            process = name.equals(NAME) || name.equals(DAEMON) ? Optional.empty() : process.get().parent();
        }
    }

    /** As Linux has it; elsewhere it has none. */
    private static String name(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", String.valueOf(process.pid()), "comm")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static void signal(ProcessHandle launcher) {
        try {
            Thread.sleep(FIRST_MILLIS);
            for (int i = 0; i < SIGNALS && launcher.destroy(); i++) {
                Thread.sleep(BETWEEN_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
