package org.charlstm.serve;

import module java.base;

/** Ends the connection of a client that keeps a thread waiting for too long. */
final class ClientTimeout implements AutoCloseable {
    private final ScheduledThreadPoolExecutor timer;
    private final long millis;

    @FunctionalInterface
    interface Blocking<T> {
        T run() throws IOException;
    }

    ClientTimeout(long millis) {
        this.millis = millis;
        // Begun here: the first request's thread, which would begin it otherwise, is a virtual one without a group.
        timer = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("serve timeout").factory());
        timer.prestartCoreThread();
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Runs a call that may block. One that takes too long is interrupted, which closes the channel it waits for. */
    <T> T within(Blocking<T> call) throws IOException {
        ScheduledFuture<?> interruption;
        try {
            interruption = timer.schedule(Thread.currentThread()::interrupt, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            throw (IOException) new InterruptedIOException("the server has ended").initCause(e);
        }
        try {
            return call.run();
        } finally {
            if (!interruption.cancel(false)) {
                Thread.interrupted();
            }
        }
    }

    /** Runs a call whose failure no longer matters. */
    void quietly(Blocking<?> call) {
        try {
            within(call);
        } catch (IOException e) {
            System.getLogger(ClientTimeout.class.getName()).log(System.Logger.Level.DEBUG, "a client is gone", e);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
