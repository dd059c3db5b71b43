package org.charlstm.device.spi;

import java.util.concurrent.atomic.AtomicReference;
import org.charlstm.device.Device.Lease;
import org.jspecify.annotations.Nullable;

/** Lends a device to one thread at a time, for {@link org.charlstm.device.Device#lease}, without ever waiting. */
public final class Leases {
    private final String what;
    private final AtomicReference<@Nullable Thread> holder = new AtomicReference<>();
    private final Lease lease = this::giveBack;
    /** The number of nested leases; only the holder reads it. */
    private int depth;
    /** Frees the device once no thread uses it; null while it is open. */
    private volatile @Nullable Runnable end;

    /** Leases of one device; {@code what} names the device in messages. */
    public Leases(String what) {
        this.what = what;
    }

    /**
     * Lends the device to the calling thread, which must close the lease; a thread may nest its leases. Throws an
     * {@link IllegalStateException} if the device is closed or another thread uses it.
     */
    public Lease lease() {
        take();
        // Checked after taking, because another thread could close the device in between.
        if (end != null) {
            giveBack();
            requireOpen();
        }
        return lease;
    }

    /** Runs a release, even on a closed device; another thread's use throws an {@link IllegalStateException}. */
    public void release(Runnable release) {
        take();
        try {
            release.run();
        } finally {
            giveBack();
        }
    }

    /** Refuses further leases, and runs the ending once, as soon as no thread uses the device. */
    public void close(Runnable ending) {
        synchronized (holder) {
            if (end != null) {
                return;
            }
            end = ending;
        }
        end();
    }

    /** Throws an {@link IllegalStateException} if the device is closed. */
    public void requireOpen() {
        if (end != null) {
            throw new IllegalStateException(what + " is closed");
        }
    }

    private void take() {
        Thread caller = Thread.currentThread();
        Thread other = holder.get();
        if (other != caller && !holder.compareAndSet(null, caller)) {
            throw new IllegalStateException(what + " is in use" + (other == null ? "" : " in thread " + title(other))
                    + "; a device and its models serve one thread at a time: open a device and a model for each "
                    + "thread");
        }
        depth++;
    }

    private static String title(Thread thread) {
        return thread.getName().isEmpty() ? "#" + thread.threadId() : "'" + thread.getName() + "'";
    }

    private void giveBack() {
        if (holder.get() != Thread.currentThread()) {
            throw new IllegalStateException("a lease of " + what + " is closed twice, or by a thread that has none");
        }
        depth--;
        if (depth == 0) {
            holder.set(null);
            if (end != null) {
                end();
            }
        }
    }

    /** Runs the ending if no thread uses the device; otherwise the using thread runs it when its last lease closes. */
    private void end() {
        if (holder.compareAndSet(null, Thread.currentThread())) {
            // The ending takes and closes nested leases.
            depth++;
            Runnable ending = end;
            end = () -> {};
            try {
                if (ending != null) {
                    ending.run();
                }
            } finally {
                depth--;
                holder.set(null);
            }
        }
    }
}
