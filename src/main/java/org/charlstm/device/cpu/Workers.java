package org.charlstm.device.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that share the shards of one operation at a time. Which thread takes which shard is chance; a shard's result
 * must not depend on it. Nothing is allocated in a run.
 */
@SuppressWarnings("ThreadPriorityCheck") // Yields only cut a wait short: without them the result is the same.
final class Workers implements AutoCloseable {
    /** The work on one shard. */
    interface Shard {
        void run(int index);
    }

    /** Looks at a flag before the processor is offered to others between two looks: a few microseconds. */
    private static final int SPINS = 1_000;
    /** Nanoseconds that a worker watches for the next operation before it sleeps: waking takes tens of thousands. */
    private static final long PATIENCE = 2_000_000;

    private final Thread[] threads;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger working = new AtomicInteger();
    private Shard shard = index -> {};
    private int count;
    private final AtomicInteger generation = new AtomicInteger();
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;

    /** The calling thread is one of them: {@code count - 1} are started. */
    Workers(int count) {
        threads = new Thread[count - 1];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = Thread.ofPlatform().daemon().name("charlstm-cpu-" + (i + 1)).start(this::serve);
        }
    }

    int count() {
        return threads.length + 1;
    }

    /**
     * Runs all shards from 0 to {@code shards} - 1 and returns when the last is done.
     *
     * @throws IllegalStateException if a worker failed, or the threads have ended
     */
    void run(int shards, Shard work) {
        requireOpen();
        if (threads.length == 0 || shards == 1) {
            for (int i = 0; i < shards; i++) {
                work.run(i);
            }
            return;
        }
        shard = work;
        count = shards;
        next.set(0);
        working.set(threads.length);
        generation.incrementAndGet();
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
        take();
        for (int i = 0; working.get() > 0; i++) {
            if (i < SPINS) {
                Thread.onSpinWait();
            } else {
                // Who has ended takes no shard any more.
                requireOpen();
                // More threads than processors: the others need this one's.
                Thread.yield();
            }
        }
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            throw new IllegalStateException("a worker failed: " + thrown, thrown);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the device is closed");
        }
    }

    private void serve() {
        int seen = 0;
        while (true) {
            watch(seen);
            while (generation.get() == seen && !closed) {
                LockSupport.park(this);
            }
            if (closed) {
                return;
            }
            seen = generation.get();
            take();
            working.decrementAndGet();
        }
    }

    private void watch(int seen) {
        for (int i = 0; generation.get() == seen && i < SPINS; i++) {
            Thread.onSpinWait();
        }
        long start = System.nanoTime();
        while (generation.get() == seen && System.nanoTime() - start < PATIENCE) {
            Thread.yield();
        }
    }

    private void take() {
        try {
            for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                shard.run(i);
            }
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
    }
}
