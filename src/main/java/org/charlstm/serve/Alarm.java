package org.charlstm.serve;

import java.io.IOException;
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

    /** Does something in time, or is interrupted, which closes the channel that is waited for. */
    <T> T within(Blocking<T> what) throws IOException {
        ScheduledFuture<?> alarm = timer.schedule(Thread.currentThread()::interrupt, millis, TimeUnit.MILLISECONDS);
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
