package org.charlstm.rank;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Setting;
import org.jspecify.annotations.Nullable;

/** Ends work that waits too long for other ranks in NCCL. NCCL does not tell which rank is late. */
final class NcclTimeout implements AutoCloseable {
    private static final int CHECKS_PER_TIMEOUT = 20;

    private final long timeout;
    private final int size;
    private final CountDownLatch stopped = new CountDownLatch(1);
    /** The start of the waiting work, by nanoTime; MAX_VALUE if no work waits. */
    private volatile long since = Long.MAX_VALUE;
    private volatile long step = -1;
    private volatile boolean passed;
    final Unblocker unblocker = new Unblocker(stopped);

    NcclTimeout(Duration timeout, int size) {
        this.timeout = timeout.toNanos();
        this.size = size;
        Thread.ofPlatform().daemon().name("charlstm ranks").start(this::run);
    }

    void step(long now) {
        step = now;
    }

    boolean passed() {
        return passed;
    }

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
        unblocker.noted();
        return new CharlstmException(message(), cause).mendedBy(Setting.RANK_TIMEOUT);
    }

    private String message() {
        return "another of the " + size + " ranks has not answered for " + StallDetector.seconds(timeout)
                + (step < 0 ? "" : " (this one is at step " + step + ")") + "; what the others printed tells which";
    }

    private void run() {
        long pause = Math.max(1, TimeUnit.NANOSECONDS.toMillis(timeout / CHECKS_PER_TIMEOUT));
        try {
            while (!stopped.await(pause, TimeUnit.MILLISECONDS)) {
                long from = since;
                if (from != Long.MAX_VALUE && System.nanoTime() - from > timeout) {
                    passed = true;
                    unblocker.start(message(), () -> Runtime.getRuntime().halt(1));
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
