package org.charlstm.rank;

import module java.base;

/** Frees a thread that waits for other ranks. Ends the process if that thread does not throw the failure. */
final class Unblocker {
    /** The time that the freed thread has to throw the failure. */
    private static final long LAST_WAIT_MILLIS = 5000;

    private final CountDownLatch stopped;
    private volatile Runnable action = () -> {};
    private volatile boolean noted;

    /** An unblocker; the latch opens when no thread waits for ranks any more. */
    Unblocker(CountDownLatch stopped) {
        this.stopped = stopped;
    }

    /** Sets the action that frees a thread that waits outside Java code, for example for a GPU. */
    void set(Runnable frees) {
        action = frees;
    }

    /** Says that a thread has thrown the failure; the exception then ends the process. */
    void noted() {
        noted = true;
    }

    /**
     * Frees the waiting thread. The action runs in its own thread, and no thread waits for it: NCCL frees a waiting
     * thread at once, but ends a communicator only when no captured graph uses it any more, and the freed thread
     * destroys these graphs.
     */
    void start(String failure, Runnable end) {
        Thread.ofPlatform().daemon().name("charlstm unblocker").start(() -> {
            try {
                action.run();
            } catch (RuntimeException e) {
                // If no thread was freed, the process is ended below.
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
