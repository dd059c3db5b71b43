package org.charlstm.rank;

import module java.base;
import org.charlstm.CharlstmException;
import org.jspecify.annotations.Nullable;

/**
 * Handles the failure of one of several processes before it has joined the others. The others may fail too, for example
 * for a wrong option, or wait for this process. Open MPI's mpirun and torchrun end all processes when one has ended.
 * Under other launchers this process joins MPI, as all living processes do, and ends them.
 */
public final class EarlyFailure {
    private static final Set<ProcessLaunch.Launcher> NOT_ENDED_BY_LAUNCHER =
            Set.of(ProcessLaunch.Launcher.PMI, ProcessLaunch.Launcher.PMIX);
    private static final long TURN_MILLIS = 2000;
    private static final long JOIN_SECONDS = 10;

    private final ProcessLaunch launch;
    private final CountDownLatch joined = new CountDownLatch(1);
    private volatile @Nullable Mpi mpi;

    /** A failure of this process, which a launcher started. */
    public EarlyFailure(ProcessLaunch launch) {
        this.launch = launch;
        if (launch.several() && NOT_ENDED_BY_LAUNCHER.contains(launch.launcher()) && !Mpi.hasStarted()) {
            Thread.ofPlatform().daemon().name("charlstm leaves its ranks").start(this::join);
        } else {
            joined.countDown();
        }
    }

    private void join() {
        try {
            Mpi started = new Mpi(MpiLibrary.find(launch));
            started.start();
            mpi = started;
        } catch (CharlstmException e) {
            // The launcher sees this process end, and decides whether to end the others.
            mpi = null;
        } finally {
            joined.countDown();
        }
    }

    /** Waits for rank 0 to report first; rank 0's end then ends this process. Returns if rank 0 goes on. */
    public void awaitTurn() {
        if (!launch.several() || launch.rank() <= 0) {
            return;
        }
        try {
            joined.await(JOIN_SECONDS, TimeUnit.SECONDS);
            Thread.sleep(TURN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the other processes through MPI, and does not return. Returns only if the end of this process ends them. */
    public void endAll(int code) {
        try {
            // The other processes may still be reading their texts.
            joined.await(Ranks.TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Mpi found = mpi;
        if (found != null) {
            found.abort(code);
        }
    }
}
