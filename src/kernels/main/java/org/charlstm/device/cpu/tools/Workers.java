package org.charlstm.device.cpu.tools;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Threads that share an operation's shards; results do not depend on who runs a shard. A run allocates nothing. */
@SuppressWarnings("ThreadPriorityCheck") // Yields only shorten waits and do not affect results.
public final class Workers implements AutoCloseable {
    /** A part of some work, identified by its number. */
    public interface Shard {
        void run(int index);
    }

    /** Polls of a flag before a thread begins to yield between polls: a few microseconds. */
    private static final int SPINS = 1_000;
    /** Nanoseconds that a worker polls for the next operation before it sleeps: waking takes tens of microseconds. */
    private static final long PATIENCE = 2_000_000;

    /** Bits of {@link #open} that count shards; the others count operations. */
    private static final int SHARD_BITS = 32;

    private final Thread[] threads;
    /**
     * The number of the current operation and the count of its shards that no thread has taken, in one atomic number.
     * Therefore a late worker takes no shard of an operation that it has not read, and no thread waits for a worker
     * without a shard.
     */
    private final AtomicLong open = new AtomicLong();
    private final AtomicInteger done = new AtomicInteger();
    /** These fields change only while no shard is open, so a thread that takes a shard reads current values. */
    private Shard shard = index -> {};
    private int count;
    private volatile boolean closed;
    private volatile @Nullable Throwable failure;

    /** Starts {@code count - 1} threads; the calling thread is a worker too. */
    public Workers(int count) {
        threads = new Thread[count - 1];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = Thread.ofPlatform().daemon().name("charlstm-cpu-" + (i + 1)).start(this::serve);
        }
    }

    /** The number of threads. */
    public int count() {
        return threads.length + 1;
    }

    /** Runs all shards from 0 to {@code shards} - 1 and returns when all are done; throws if a shard failed. */
    public void run(int shards, Shard work) {
        requireOpen();
        if (threads.length == 0 || shards == 1) {
            for (int i = 0; i < shards; i++) {
                work.run(i);
            }
            return;
        }
        shard = work;
        count = shards;
        done.set(0);
        open.set((operation(open.get()) + 1) << SHARD_BITS | shards);
        // This thread takes a shard.
        for (int i = 0; i < Math.min(threads.length, shards - 1); i++) {
            LockSupport.unpark(threads[i]);
        }
        take();
        for (int i = 0; done.get() < shards; i++) {
            if (i < SPINS) {
                Thread.onSpinWait();
            } else {
                // With more threads than processors, other threads need this processor.
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

    private static long operation(long state) {
        return state >>> SHARD_BITS;
    }

    private void serve() {
        long seen = 0;
        while (true) {
            watch(seen);
            while (operation(open.get()) == seen && !closed) {
                LockSupport.park(this);
            }
            if (closed) {
                return;
            }
            seen = operation(open.get());
            take();
        }
    }

    private void watch(long seen) {
        for (int i = 0; operation(open.get()) == seen && i < SPINS; i++) {
            Thread.onSpinWait();
        }
        long start = System.nanoTime();
        while (operation(open.get()) == seen && System.nanoTime() - start < PATIENCE) {
            Thread.yield();
        }
    }

    private void take() {
        for (long state = open.get(); (int) state > 0; state = open.get()) {
            int index = count - (int) state;
            Shard work = shard;
            if (open.compareAndSet(state, state - 1)) {
                try {
                    work.run(index);
                } catch (RuntimeException | Error e) {
                    failure = e;
                }
                done.getAndIncrement();
            }
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
