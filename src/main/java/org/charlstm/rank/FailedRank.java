package org.charlstm.rank;

import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.LibrarySearch;
import org.jspecify.annotations.Nullable;

/**
 * A process of several that fails before it has joined the others, which may see the same, such as a wrong option, or
 * go on and wait for it. Open MPI's mpirun and torchrun end them all when one has ended; for others they have to be
 * told, through MPI, to which all come who live.
 */
public final class FailedRank {
    private static final Set<Launch.Launcher> TO_BE_TOLD = Set.of(Launch.Launcher.PMI, Launch.Launcher.PMIX);
    private static final long TURN_MILLIS = 2000;
    private static final long MEETING_SECONDS = 10;

    private final Launch launch;
    private final CountDownLatch met = new CountDownLatch(1);
    private volatile @Nullable Mpi mpi;

    /**
     * A failure of this process.
     *
     * @param launch that it is one of
     */
    public FailedRank(Launch launch) {
        this.launch = launch;
        if (launch.several() && TO_BE_TOLD.contains(launch.launcher()) && !Mpi.hasStarted()) {
            Thread.ofPlatform().daemon().name("charlstm leaves its ranks").start(this::meet);
        } else {
            met.countDown();
        }
    }

    private void meet() {
        try {
            Mpi started = new Mpi(MpiLibrary.find(launch));
            started.start();
            mpi = started;
        } catch (CharlstmException e) {
            // Then the launcher sees this process end, and does with the others what it does.
            mpi = null;
        } finally {
            met.countDown();
        }
    }

    /** Lets rank 0 say why first, whose end then ends this process: it returns if rank 0 has nothing to say. */
    public void awaitTurn() {
        if (!launch.several() || launch.rank() <= 0) {
            return;
        }
        try {
            met.await(MEETING_SECONDS, TimeUnit.SECONDS);
            Thread.sleep(TURN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the others, where the end of this process does not. It returns where it does. */
    public void endAll(int code) {
        try {
            // They may be reading their texts; who never comes is not waited for.
            met.await(Ranks.TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Mpi found = mpi;
        if (found != null) {
            found.abort(code);
        }
    }
}
