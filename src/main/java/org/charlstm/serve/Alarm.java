package org.charlstm.serve;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Ends the connection of a client that keeps a thread waiting. */
final class Alarm implements AutoCloseable {
    private final ScheduledThreadPoolExecutor timer;
    private final long millis;

    /** What may block. */
    @FunctionalInterface
    interface Blocking<T> {
        T run() throws IOException;
    }

    Alarm(long millis) {
        this.millis = millis;
        timer = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("serve alarm").factory());
        timer.setRemoveOnCancelPolicy(true);
    }

    /**
     * Runs a call that may block. One that takes too long is interrupted, which closes the channel it waits for.
     *
     * @throws InterruptedIOException if the server has ended
     */
    <T> T within(Blocking<T> what) throws IOException {
        ScheduledFuture<?> alarm;
        try {
            alarm = timer.schedule(Thread.currentThread()::interrupt, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            throw (IOException) new InterruptedIOException("the server has ended").initCause(e);
        }
        try {
            return what.run();
        } finally {
            if (!alarm.cancel(false)) {
                Thread.interrupted();
            }
        }
    }

    /** The same of what no longer matters if it fails. */
    void quietly(Blocking<?> what) {
        try {
            within(what);
        } catch (IOException e) {
            System.getLogger(Alarm.class.getName()).log(System.Logger.Level.DEBUG, "a client is gone", e);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
