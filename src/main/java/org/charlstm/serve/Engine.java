package org.charlstm.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.charlstm.CharlstmException;
import org.charlstm.device.Device;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.sample.TextPlan;
import org.jspecify.annotations.Nullable;

/**
 * One thread that has the device: it steps the texts of every model that somebody reads, those of a model together,
 * the models in turn. A model is read when it is first asked for, and again when its file has changed.
 */
final class Engine implements AutoCloseable {
    /** Models that are kept at once; of more, the one that was asked for the longest time ago goes. */
    private static final int MAX_MODELS = 8;
    /** Models that are read at once, so that memory is bounded. */
    private static final int MAX_LOADING = 2;
    /** Files of which it is kept that they hold no model. */
    private static final int MAX_UNUSABLE = 256;

    /** Rounds in a row that fail for want of memory before the thread gives up, and the time between them. */
    private static final int MAX_FAILURES = 1000;
    private static final long PAUSE_NANOS = 10_000_000;

    private final Device device;
    private final Function<Path, SavedModel> reading;
    private final Consumer<Throwable> ended;
    private final SequencedMap<Path, LoadedModel> loaded = new LinkedHashMap<>(16, 0.75f, true);
    /** As they were when they held no model, so that none is read again for that; its monitor is that of loaded. */
    private final SequencedMap<Path, Version> unusable = new LinkedHashMap<>();
    /** Those that somebody asks for just now. */
    private final Map<Path, Turn> loading = new ConcurrentHashMap<>();
    private final Semaphore room = new Semaphore(MAX_LOADING);
    private final Queue<Runnable> told = new ArrayDeque<>();
    /** Those that have texts, or are to leave the device. Of the thread alone. */
    private final Set<LoadedModel> active = new LinkedHashSet<>();
    /** Made in time, for a text that there is no memory to begin. */
    private final CharlstmException notBegun = new CharlstmException(
            "the server cannot begin it; see the server's log");
    private final Thread thread;
    /** How many texts there were after the last step. */
    private volatile int texts;
    private int failures;
    private boolean awake;
    private boolean closed;

    /** What tells a file from what it was. */
    record Version(long size, long modified, @Nullable Object key) {
    }

    /** Is held by who reads a file, so that others who ask for the same wait for that, and nobody else does. */
    private static final class Turn {
        private final ReentrantLock lock = new ReentrantLock();
        /** Those who have it, or wait for it; changes within the map alone. */
        private int users;
    }

    /**
     * Starts the thread; the device is its own from here on.
     *
     * @param ended hears why the thread ended before it was closed, if it did
     */
    Engine(Device device, Consumer<Throwable> ended) {
        this(device, ModelFile::load, ended);
    }

    /** The same with another way to read a model. */
    Engine(Device device, Function<Path, SavedModel> reading, Consumer<Throwable> ended) {
        this.device = device;
        this.reading = reading;
        this.ended = ended;
        thread = Thread.ofPlatform().daemon().name("serve engine").start(this::run);
    }

    /** A model as its file is now. */
    LoadedModel model(Path file) {
        Turn turn = loading.compute(file, (_, there) -> {
            Turn joined = there == null ? new Turn() : there;
            joined.users++;
            return joined;
        });
        turn.lock.lock();
        try {
            BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
            Version version = new Version(is.size(), is.lastModifiedTime().toMillis(), is.fileKey());
            LoadedModel known;
            synchronized (loaded) {
                known = loaded.get(file);
                if (version.equals(unusable.get(file))) {
                    throw unusable();
                }
            }
            return known != null && known.version().equals(version) ? known : load(file, version);
        } catch (IOException e) {
            throw new Problem(404, "the model's file cannot be read any more");
        } finally {
            turn.lock.unlock();
            loading.computeIfPresent(file, (_, there) -> --there.users == 0 ? null : there);
        }
    }

    private static Problem unusable() {
        return new Problem(500, "the model's file cannot be used; charlstm show says why");
    }

    private SavedModel read(Path file, Version version) {
        try {
            return reading.apply(file);
        } catch (CharlstmException e) {
            // One that could not be read may be the next time.
            if (!(e.getCause() instanceof IOException)) {
                synchronized (loaded) {
                    unusable.putLast(file, version);
                    if (unusable.size() > MAX_UNUSABLE) {
                        unusable.pollFirstEntry();
                    }
                }
            }
            throw unusable();
        }
    }

    private LoadedModel load(Path file, Version version) {
        room.acquireUninterruptibly();
        try {
            LoadedModel model = new LoadedModel(device, read(file, version), version);
            synchronized (loaded) {
                unusable.remove(file);
                retire(loaded.remove(file));
                loaded.put(file, model);
                if (loaded.size() > MAX_MODELS) {
                    retire(loaded.pollFirstEntry().getValue());
                }
            }
            return model;
        } finally {
            room.release();
        }
    }

    /** Has a model leave the device, by the thread that has that, once nobody reads of it. */
    private void retire(@Nullable LoadedModel model) {
        if (model != null) {
            tell(() -> {
                model.retire();
                active.add(model);
            });
        }
    }

    /** Has a text go through a model. */
    void submit(LoadedModel model, TextPlan plan, LineReader reader) {
        tell(() -> {
            try {
                // First, so that none is added to one that nobody steps.
                active.add(model);
                model.add(plan, reader);
            } catch (RuntimeException | Error e) {
                reader.failed(notBegun);
                throw e;
            }
        });
    }

    /** Has the thread do something before its next step. */
    synchronized void tell(Runnable what) {
        if (closed) {
            throw new Problem(503, "the server ends");
        }
        told.add(what);
        wake();
    }

    /** How many texts go through models. */
    int texts() {
        return texts;
    }

    /** Says that a reader is ready again, or gone. */
    synchronized void wake() {
        awake = true;
        notifyAll();
    }

    private void run() {
        try {
            boolean moved = false;
            while (awaits(moved)) {
                moved = round();
            }
        } catch (RuntimeException | Error e) {
            guarded(() -> {
                throw e;
            });
            ended.accept(e);
        } finally {
            // Nobody waits for it any more.
            synchronized (this) {
                closed = true;
            }
            try {
                takeTold();
            } finally {
                for (LoadedModel model : active) {
                    guarded(() -> model.fail("the server ends"));
                }
                synchronized (loaded) {
                    loaded.values().forEach(model -> guarded(model::close));
                }
            }
        }
    }

    /** Takes each model a step further; says whether there may be more to do. */
    private boolean round() {
        try {
            boolean moved = false;
            for (LoadedModel model : active) {
                model.requireDevice();
                moved |= !model.isIdle() && model.step();
            }
            active.removeIf(LoadedModel::isIdle);
            texts = active.stream().mapToInt(LoadedModel::size).sum();
            failures = 0;
            return moved;
        } catch (OutOfMemoryError e) {
            // Others have taken it, and may give it back.
            failures++;
            if (failures > MAX_FAILURES) {
                throw e;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            return true;
        }
    }

    /** Does something that, should it fail, leaves the thread to all the others. */
    private static void guarded(Runnable what) {
        try {
            what.run();
        } catch (RuntimeException | Error e) {
            try {
                System.getLogger(Engine.class.getName()).log(System.Logger.Level.ERROR, "the engine failed", e);
            } catch (OutOfMemoryError none) {
                // Nor is there memory to say so.
            }
        }
    }

    /** Waits until there is something to do; says whether that is not the end. */
    private boolean awaits(boolean moved) {
        synchronized (this) {
            while (!closed && !awake && !moved) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    closed = true;
                }
            }
            awake = false;
            if (closed) {
                return false;
            }
        }
        takeTold();
        return true;
    }

    private void takeTold() {
        for (Runnable next = nextTold(); next != null; next = nextTold()) {
            guarded(next);
        }
    }

    private synchronized @Nullable Runnable nextTold() {
        return told.poll();
    }

    /** Ends all texts and the thread, and gives back the device. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
