package org.charlstm.rank;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.charlstm.CharlstmException;
import org.charlstm.Setting;
import org.jspecify.annotations.Nullable;

/** Ends what waits for other ranks for too long, where nothing tells which of them keeps the others waiting. */
final class Deadline implements AutoCloseable {
    private static final int TICKS = 20;
    private static final long LAST_WAIT = 5000;

    private final long timeout;
    private final int size;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile long since = Long.MAX_VALUE;
    private volatile long step = -1;
    private volatile boolean passed;
    private volatile boolean noted;
    private final Rescue rescue = new Rescue();

    Deadline(Duration timeout, int size) {
        this.timeout = timeout.toNanos();
        this.size = size;
        Thread.ofPlatform().daemon().name("charlstm ranks").start(this::run);
    }

    /** Says how what waits is freed. */
    void rescueBy(Runnable action) {
        rescue.by(action);
    }

    void step(long now) {
        step = now;
    }

    boolean passed() {
        return passed;
    }

    /** Does what waits for others. */
    <T> T within(Supplier<T> work) {
        since = System.nanoTime();
        try {
            T result = work.get();
            if (passed) {
                throw failure(null);
            }
            return result;
        } catch (CharlstmException e) {
            throw passed ? failure(e) : e;
        } finally {
            since = Long.MAX_VALUE;
        }
    }

    private CharlstmException failure(@Nullable Throwable cause) {
        noted = true;
        return new CharlstmException(message(), cause).mendedBy(Setting.RANK_TIMEOUT);
    }

    private String message() {
        return "another of the " + size + " ranks has not answered for " + timeout / 1_000_000_000.0 + " s"
                + (step < 0 ? "" : " (this one is at step " + step + ")") + "; what the others printed tells which";
    }

    private void run() {
        long tick = Math.max(1, TimeUnit.NANOSECONDS.toMillis(timeout / TICKS));
        try {
            while (!stopped.await(tick, TimeUnit.MILLISECONDS)) {
                long from = since;
                if (from != Long.MAX_VALUE && System.nanoTime() - from > timeout) {
                    passed = true;
                    rescue.begin();
                    if (!stopped.await(LAST_WAIT, TimeUnit.MILLISECONDS) && !noted) {
                        System.err.println("charlstm: " + message());
                        Runtime.getRuntime().halt(1);
                    }
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stopped.countDown();
    }
}
