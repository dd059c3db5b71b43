package org.charlstm.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.SequencedMap;
import java.util.Set;
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

    private final Device device;
    private final SequencedMap<Path, LoadedModel> loaded = new LinkedHashMap<>(16, 0.75f, true);
    private final Queue<Runnable> told = new ArrayDeque<>();
    /** Those that have texts, or are to leave the device. Of the thread alone. */
    private final Set<LoadedModel> active = new LinkedHashSet<>();
    private final Thread thread;
    private boolean awake;
    private boolean closed;

    /** What tells a file from what it was. */
    record Version(long size, long modified, @Nullable Object key) {
    }

    /** Starts the thread; the device is its own from here on. */
    Engine(Device device) {
        this.device = device;
        thread = Thread.ofPlatform().daemon().name("serve engine").start(this::run);
    }

    /** A model as its file is now. */
    LoadedModel model(Path file) {
        synchronized (loaded) {
            try {
                BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
                Version version = new Version(is.size(), is.lastModifiedTime().toMillis(), is.fileKey());
                LoadedModel known = loaded.get(file);
                if (known == null || !known.version().equals(version)) {
                    SavedModel saved = ModelFile.load(file);
                    retire(loaded.remove(file));
                    known = new LoadedModel(device, saved, version);
                    loaded.put(file, known);
                    if (loaded.size() > MAX_MODELS) {
                        retire(loaded.pollFirstEntry().getValue());
                    }
                }
                return known;
            } catch (IOException e) {
                throw new Problem(404, "the model's file cannot be read any more");
            } catch (CharlstmException e) {
                throw new Problem(500, "the model's file cannot be used; charlstm show says why");
            }
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

    /** Says that a reader is ready again, or gone. */
    synchronized void wake() {
        awake = true;
        notifyAll();
    }

    private void run() {
        boolean moved = false;
        while (true) {
            List<Runnable> now;
            synchronized (this) {
                while (!closed && !awake && !moved) {
                    try {
                        wait();
                    } catch (InterruptedException e) {
                        closed = true;
                    }
                }
                if (closed) {
                    break;
                }
                awake = false;
                now = new ArrayList<>(told);
                told.clear();
            }
            now.forEach(Runnable::run);
            moved = false;
            for (LoadedModel model : active) {
                moved |= !model.isIdle() && model.step();
            }
            active.removeIf(LoadedModel::isIdle);
        }
        active.forEach(model -> model.fail("the server ends"));
        synchronized (loaded) {
            loaded.values().forEach(LoadedModel::close);
        }
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
