package org.charlstm.rank;

import module java.base;

/**
 * Ends Open MPI's mpirun after a host has been lost. On an abort, mpirun also notifies the lost host, and waits until
 * TCP gives up, a quarter of an hour; only signals end mpirun sooner.
 */
final class HungMpirun {
    /** The process names of Open MPI 5's mpirun, and of its daemon that starts ranks on another host. */
    private static final List<String> STARTERS = List.of("prterun", "prted");
    /** The number of signals: the first makes mpirun abort, the second makes it report this, the third ends it. */
    private static final int SIGNALS = 3;
    private static final long BETWEEN_MILLIS = 200;
    /** The pause before the first signal, since the ranks' output still has to pass through mpirun. */
    private static final long FIRST_MILLIS = 1000;

    /** Ends the mpirun that started this process, if it runs on this host; mpirun's exit code is 1. */
    static void end() {
        ProcessLaunch.ancestors().filter(process -> STARTERS.contains(name(process))).findFirst()
                .filter(process -> name(process).equals(STARTERS.getFirst())).ifPresent(HungMpirun::signal);
    }

    /** The name of a process on Linux; empty elsewhere. */
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
