package org.charlstm.rank;

import module java.base;

/**
 * Ends Open MPI's mpirun where a host has been lost. Told to abort, mpirun tells that host as well, and waits for an
 * answer as long as TCP tries, which is a quarter of an hour; only signals end it sooner.
 */
final class HungMpirun {
    /** The processes of Open MPI 5's mpirun, and of what starts ranks in its place on another host. */
    private static final List<String> STARTERS = List.of("prterun", "prted");
    /** The first has it abort, the second has it say so, the third ends it. */
    private static final int SIGNALS = 3;
    private static final long BETWEEN_MILLIS = 200;
    /** The ranks' output goes through mpirun, and has to be through before. */
    private static final long FIRST_MILLIS = 1000;

    /** Ends the mpirun that started this process, if it runs on this host; its exit code is 1. */
    static void end() {
        ProcessLaunch.ancestors().filter(process -> STARTERS.contains(name(process))).findFirst()
                .filter(process -> name(process).equals(STARTERS.getFirst())).ifPresent(HungMpirun::signal);
    }

    /** The name that Linux has for it; empty elsewhere. */
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
