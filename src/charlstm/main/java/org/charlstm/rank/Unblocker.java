package org.charlstm.rank;

import module java.base;

/** Frees a thread that waits for other ranks, and ends the process if that thread does not throw the failure. */
final class Unblocker {
    /** How long the freed thread has to note the failure. */
    private static final long LAST_WAIT_MILLIS = 5000;

    private final CountDownLatch stopped;
    private volatile Runnable action = () -> {};
    private volatile boolean noted;

    /** The latch opens when nobody waits any more. */
    Unblocker(CountDownLatch stopped) {
        this.stopped = stopped;
    }

    /** Sets the action that frees a thread that waits elsewhere than in the host's own calls, such as for a GPU. */
    void set(Runnable frees) {
        action = frees;
    }

    /** A thread has thrown the failure, which then ends the process. */
    void noted() {
        noted = true;
    }

    /**
     * Frees the waiting thread. The action has a thread of its own, which nobody waits for: NCCL frees a waiting thread
     * at once, but ends a communicator only when no recorded graph has it any more, and the freed thread is to destroy
     * those graphs.
     */
    void start(String failure, Runnable end) {
        Thread.ofPlatform().daemon().name("charlstm unblocker").start(() -> {
            try {
                action.run();
            } catch (RuntimeException e) {
                // The process is ended below if no thread was freed.
            }
        });
        try {
            if (!stopped.await(LAST_WAIT_MILLIS, TimeUnit.MILLISECONDS) && !noted) {
                System.err.println("charlstm: " + failure);
                end.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
