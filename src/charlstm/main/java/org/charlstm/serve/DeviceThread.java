package org.charlstm.serve;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.device.Device;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.sample.streams.TextPlan;
import org.jspecify.annotations.Nullable;

/**
 * The only thread that uses the device. It advances all texts of a model together, and takes turns among the models.
 */
final class DeviceThread implements AutoCloseable {
    /** How many models are kept; when there are more, the least recently used model goes. */
    private static final int MAX_MODELS = 8;
    /** How many models are loaded at the same time, to bound memory. */
    private static final int MAX_LOADING = 2;
    /** How many files without a usable model are remembered. */
    private static final int MAX_UNUSABLE = 256;
    /** How many rounds in a row may run out of memory before the thread gives up, and the pause after each. */
    private static final int MAX_FAILURES = 1000;
    private static final long PAUSE_NANOS = 10_000_000;

    private final Device device;
    private final Function<Path, SavedModel> reading;
    private final Consumer<Throwable> ended;
    private final SequencedMap<Path, LoadedModel> loaded = new LinkedHashMap<>(16, 0.75f, true);
    /** Files without a usable model, and the version that was read. Guarded by the monitor of {@code loaded}. */
    private final SequencedMap<Path, FileVersion> unusable = new LinkedHashMap<>();
    /** Held while a file is loaded, so only requests for the same file wait. A lock stays for each requested file. */
    private final Map<Path, ReentrantLock> locks = new ConcurrentHashMap<>();
    private final Semaphore room = new Semaphore(MAX_LOADING);
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    /** Models that have texts, or must leave the device. Only the device's thread uses this set. */
    private final Set<LoadedModel> active = new LinkedHashSet<>();
    /** Created in advance, for a text that cannot begin because memory is full. */
    private final CharlstmException notBegun =
            new CharlstmException("the server cannot begin it; see the server's log");
    private final Thread thread;
    /** The number of texts after the last step. */
    private volatile int texts;
    private int failures;
    private boolean awake;
    private boolean closed;

    /** Starts the only thread that uses the device; {@code ended} gets an error that ends the thread early. */
    DeviceThread(Device device, Consumer<Throwable> ended) {
        this(device, ModelFile::load, ended);
    }

    DeviceThread(Device device, Function<Path, SavedModel> reading, Consumer<Throwable> ended) {
        this.device = device;
        this.reading = reading;
        this.ended = ended;
        thread = Thread.ofPlatform().daemon().name("serve device").start(this::run);
    }

    /** A model in the current version of its file. */
    LoadedModel model(Path file) {
        ReentrantLock held = locks.computeIfAbsent(file, _ -> new ReentrantLock());
        held.lock();
        try {
            FileVersion version = FileVersion.of(file);
            LoadedModel known;
            synchronized (loaded) {
                known = loaded.get(file);
                if (version.equals(unusable.get(file))) {
                    throw unusable();
                }
            }
            return known != null && known.version.equals(version) ? known : load(file, version);
        } catch (IOException e) {
            throw new Problem(404, "the model's file cannot be read any more");
        } finally {
            held.unlock();
        }
    }

    private static Problem unusable() {
        return new Problem(500, "the model's file cannot be used; charlstm show says why");
    }

    private SavedModel read(Path file, FileVersion version) {
        try {
            return reading.apply(file);
        } catch (CharlstmException e) {
            // An I/O failure may be temporary, so the file is not remembered as unusable.
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

    private LoadedModel load(Path file, FileVersion version) {
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

    /** Lets the thread remove a model from the device when the model's texts have ended. */
    private void retire(@Nullable LoadedModel model) {
        if (model != null) {
            execute(() -> {
                model.retire();
                active.add(model);
            });
        }
    }

    void submit(LoadedModel model, TextPlan plan, LineReader reader) {
        execute(() -> {
            try {
                // Activated first, because a text of an inactive model would never advance.
                active.add(model);
                model.add(plan, reader);
            } catch (RuntimeException | Error e) {
                reader.failed(notBegun);
                throw e;
            }
        });
    }

    /** Queues a task, which runs on the thread before its next step. */
    synchronized void execute(Runnable task) {
        Problem.throwIf(closed, 503, "the server ends");
        tasks.add(task);
        wake();
    }

    int texts() {
        return texts;
    }

    /** Wakes the thread when a reader is ready again or has gone. */
    synchronized void wake() {
        awake = true;
        notifyAll();
    }

    private void run() {
        try {
            boolean moved = false;
            while (awaitWork(moved)) {
                moved = round();
            }
        } catch (RuntimeException | Error e) {
            guarded(() -> {
                throw e;
            });
            ended.accept(e);
        } finally {
            synchronized (this) {
                closed = true;
            }
            try {
                runTasks();
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

    /** Steps each model once; returns whether more work may remain. */
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
            // Other threads have taken the memory, and may release it.
            failures++;
            if (failures > MAX_FAILURES) {
                throw e;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            return true;
        }
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            try {
                System.getLogger(DeviceThread.class.getName()).log(System.Logger.Level.ERROR,
                        "the device's thread failed", e);
            } catch (OutOfMemoryError none) {
                // There is not even memory to log the error.
            }
        }
    }

    /** Waits for work; returns false when the thread must end. */
    private boolean awaitWork(boolean moved) {
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
        runTasks();
        return true;
    }

    private void runTasks() {
        for (Runnable next = nextTask(); next != null; next = nextTask()) {
            guarded(next);
        }
    }

    private synchronized @Nullable Runnable nextTask() {
        return tasks.poll();
    }

    /** Ends all texts and the thread, and releases the device. */
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
