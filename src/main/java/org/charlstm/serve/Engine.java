package org.charlstm.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
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

    private final Device device;
    private final Function<Path, SavedModel> reading;
    private final SequencedMap<Path, LoadedModel> loaded = new LinkedHashMap<>(16, 0.75f, true);
    /** Held by who reads a file, so that others who ask for the same wait for that, and nobody else does. */
    private final Map<Path, ReentrantLock> loading = new ConcurrentHashMap<>();
    private final Semaphore room = new Semaphore(MAX_LOADING);
    private final Queue<Runnable> told = new ArrayDeque<>();
    /** Those that have texts, or are to leave the device. Of the thread alone. */
    private final Set<LoadedModel> active = new LinkedHashSet<>();
    private final Thread thread;
    /** How many texts there were after the last step. */
    private volatile int texts;
    private boolean awake;
    private boolean closed;

    /** What tells a file from what it was. */
    record Version(long size, long modified, @Nullable Object key) {
    }

    /** Starts the thread; the device is its own from here on. */
    Engine(Device device) {
        this(device, ModelFile::load);
    }

    /** The same with another way to read a model. */
    Engine(Device device, Function<Path, SavedModel> reading) {
        this.device = device;
        this.reading = reading;
        thread = Thread.ofPlatform().daemon().name("serve engine").start(this::run);
    }

    /** A model as its file is now. */
    LoadedModel model(Path file) {
        ReentrantLock one = loading.computeIfAbsent(file, _ -> new ReentrantLock());
        one.lock();
        try {
            BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
            Version version = new Version(is.size(), is.lastModifiedTime().toMillis(), is.fileKey());
            LoadedModel known;
            synchronized (loaded) {
                known = loaded.get(file);
            }
            return known != null && known.version().equals(version) ? known : load(file, version);
        } catch (IOException e) {
            throw new Problem(404, "the model's file cannot be read any more");
        } catch (CharlstmException e) {
            throw new Problem(500, "the model's file cannot be used; charlstm show says why");
        } finally {
            one.unlock();
        }
    }

    private LoadedModel load(Path file, Version version) {
        room.acquireUninterruptibly();
        try {
            LoadedModel model = new LoadedModel(device, reading.apply(file), version);
            synchronized (loaded) {
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
            model.add(plan, reader);
            active.add(model);
        });
    }

    private synchronized void tell(Runnable what) {
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
                moved = false;
                for (LoadedModel model : active) {
                    moved |= !model.isIdle() && model.step();
                }
                active.removeIf(LoadedModel::isIdle);
                texts = active.stream().mapToInt(LoadedModel::size).sum();
            }
        } finally {
            // Whatever ended it, nobody waits for it any more.
            synchronized (this) {
                closed = true;
            }
            takeTold();
            active.forEach(model -> model.fail("the server ends"));
            synchronized (loaded) {
                loaded.values().forEach(LoadedModel::close);
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
        List<Runnable> now;
        synchronized (this) {
            now = List.copyOf(told);
            told.clear();
        }
        now.forEach(Runnable::run);
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
