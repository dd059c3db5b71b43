package org.charlstm.run;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.charlstm.io.SavedModel;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a run has learned on a thread of its own, so that no step waits for the disk, and tells of it on the
 * run's thread once it is there. What is handed over while it writes is written after that, and together: the newest
 * model and state, and the figures of every epoch.
 */
final class Saver implements AutoCloseable {
    private final RunFolder folder;
    private final Consumer<String> warning;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("charlstm-saver").factory());
    private final Deque<Told> told = new ArrayDeque<>();
    private final Queue<String> warnings = new ConcurrentLinkedQueue<>();
    private final Set<String> warned = new HashSet<>();
    private volatile @Nullable Last last;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    /** What no task has taken yet; guarded by this. */
    private Save waiting = new Save(0);
    /** How much was handed over; written by the run's thread. */
    private volatile long handedOver;
    private volatile long written;
    /** Of the writing thread: nothing more is written after a failure. */
    private boolean failed;

    /** What is told once so much is written. */
    private record Told(long after, Runnable event) {
    }

    /** What is left of a training that comes to nothing. */
    record Last(SavedModel model, String is) {
    }

    /** Writes into a folder; what cannot be written, and need not be, is warned of on the run's thread. */
    Saver(RunFolder folder, Consumer<String> warning) {
        this.folder = folder;
        this.warning = warning;
    }

    /** Has something written, and then told of. */
    void hand(Save save, Runnable event) {
        synchronized (this) {
            waiting.add(save);
            handedOver = handedOver + 1;
        }
        told.add(new Told(handedOver, event));
        thread.execute(this::write);
    }

    /** Has something written. */
    void hand(Save save) {
        hand(save, () -> {});
    }

    private void write() {
        Save save;
        long until;
        synchronized (this) {
            save = waiting;
            until = handedOver;
            waiting = new Save(0);
        }
        if (failed) {
            return;
        }
        try {
            save.write(folder, warnings::add);
            SavedModel whole = save.whole();
            if (whole != null) {
                last = new Last(whole, "of epoch " + save.wholeEpoch());
            }
            written = until;
        } catch (RuntimeException | Error e) {
            failed = true;
            failure.set(e);
        }
    }

    /** Tells, on the run's thread, of what has been written since, and fails if something could not be. */
    void tell() {
        for (String line = warnings.poll(); line != null; line = warnings.poll()) {
            if (warned.add(line)) {
                warning.accept(line);
            }
        }
        while (!told.isEmpty() && told.element().after <= written) {
            told.remove().event.run();
        }
        switch (failure.getAndSet(null)) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null, default -> {}
        }
    }

    /** The model of the last whole epoch that is written, or that was given; null before there is one. */
    @Nullable
    Last last() {
        return last;
    }

    /** Gives what the training begins with. */
    void begin(Last first) {
        last = first;
    }

    /** Waits until nothing is left to write. */
    void await() {
        CompletableFuture.runAsync(() -> {}, thread).join();
    }

    /** The same for some time at most. */
    void await(double seconds) {
        try {
            CompletableFuture.runAsync(() -> {}, thread).orTimeout((long) (seconds * 1e9), TimeUnit.NANOSECONDS).join();
        } catch (CompletionException e) {
            // It is still being written; what can fail is told by tell().
        }
    }

    /** Waits until all is written, and tells of it. */
    void settle() {
        await();
        tell();
    }

    /** Waits until all is written. */
    @Override
    public void close() {
        thread.close();
    }
}
