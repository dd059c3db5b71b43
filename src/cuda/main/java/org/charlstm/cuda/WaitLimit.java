package org.charlstm.cuda;

import module java.base;

/**
 * A limit of waits for the GPU, since a kernel that never ends would block the thread for good.
 *
 * @param running describes the GPU's work, for the message
 */
record WaitLimit(Duration most, Supplier<String> running) {
    /** A wait spins for this time before it sleeps, since most waits are short. */
    private static final long SPINNING_NANOS = 200_000;
    private static final long PAUSE_NANOS = 50_000;
    /** The driver's own status for work that takes too long, which also breaks the context. */
    private static final CudaException.Status TIMEOUT =
            new CudaException.Status(702, "CUDA_ERROR_LAUNCH_TIMEOUT", "", false, true);

    /** Refuses a time below zero. */
    WaitLimit {
        if (most.isNegative()) {
            throw new IllegalArgumentException("waits limited to " + text(most) + "; give a time of 0 or more");
        }
    }

    /**
     * Polls until the work is done or the time is over; returns whether the work is done. The time in polls does not
     * count, since a simulated GPU works during a poll.
     */
    boolean await(BooleanSupplier done) {
        long left = most.toNanos();
        long begun = System.nanoTime();
        while (!done.getAsBoolean()) {
            long asked = System.nanoTime();
            if (left <= 0) {
                return false;
            }
            if (asked - begun < SPINNING_NANOS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            left -= System.nanoTime() - asked;
        }
        return true;
    }

    CudaException exceeded(String call) {
        return new CudaException(call, TIMEOUT, "the GPU has not ended within " + text(most) + " what it was given")
                .with(running.get(), "");
    }

    private static String text(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }
}
