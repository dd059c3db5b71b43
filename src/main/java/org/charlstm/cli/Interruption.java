package org.charlstm.cli;

import java.util.concurrent.CountDownLatch;

/**
 * Turns Ctrl-C (and a request to terminate) into a flag: the JVM waits for the run to finish its step and save, then
 * ends with the signal's exit code, 130 for Ctrl-C.
 */
final class Interruption implements AutoCloseable {
    private static final CountDownLatch FINISHED = new CountDownLatch(1);

    private final Thread hook = new Thread(this::await, "charlstm-interruption");
    private final Runnable whenRequested;
    private volatile boolean requested;

    Interruption() {
        this(() -> {});
    }

    /** Says so to somebody when it comes. */
    Interruption(Runnable whenRequested) {
        this.whenRequested = whenRequested;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    boolean requested() {
        return requested;
    }

    private void await() {
        requested = true;
        whenRequested.run();
        try {
            FINISHED.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets the JVM end after a signal: called when everything is saved and said. */
    static void release() {
        FINISHED.countDown();
    }

    @Override
    public void close() {
        if (!requested) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The signal came this very moment; the hook ends when it is released.
                requested = true;
            }
        }
    }
}
