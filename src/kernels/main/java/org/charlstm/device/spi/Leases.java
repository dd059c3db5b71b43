package org.charlstm.device.spi;

import java.util.concurrent.atomic.AtomicReference;
import org.charlstm.device.Device.Lease;
import org.jspecify.annotations.Nullable;

/**
 * Lends a device to one thread at a time, for {@link org.charlstm.device.Device#lease}, until it is closed. It never
 * waits.
 */
public final class Leases {
    private final String what;
    private final AtomicReference<@Nullable Thread> holder = new AtomicReference<>();
    private final Lease lease = this::giveBack;
    /** The number of nested leases; only the holder reads it. */
    private int depth;
    /** Frees the device once no thread uses it; null while it is open. */
    private volatile @Nullable Runnable end;

    /** Leases of one device, which messages name so. */
    public Leases(String what) {
        this.what = what;
    }

    /**
     * Lends it to the calling thread, which has to close the lease; leases of one thread may lie in one another. It
     * throws an {@link IllegalStateException} if it is closed, or another thread uses it.
     */
    public Lease lease() {
        take();
        // Checked after taking, since the device could end in between.
        if (end != null) {
            giveBack();
            requireOpen();
        }
        return lease;
    }

    /** Ends what lives on the device, closed or not; another thread's use is an {@link IllegalStateException}. */
    public void release(Runnable release) {
        take();
        try {
            release.run();
        } finally {
            giveBack();
        }
    }

    /** Lends nothing from here on, and runs the ending once, when the thread that uses it has given it back. */
    public void close(Runnable ending) {
        synchronized (holder) {
            if (end != null) {
                return;
            }
            end = ending;
        }
        end();
    }

    /** Refuses to go on with what is closed, by an {@link IllegalStateException}. */
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

    /** Ends it if nobody uses it; who does comes back to this when it is given back. */
    private void end() {
        if (holder.compareAndSet(null, Thread.currentThread())) {
            // The ending gives back leases of its own.
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
