package org.charlstm.run;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Weights;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.RunState;
import org.charlstm.train.DivergenceException;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/**
 * Writes a run's files on its own thread, and reports each write on the run's thread when it is on disk. Waiting writes
 * are merged: only the newest model and state are written, but the figures of every epoch.
 */
final class BackgroundWriter implements AutoCloseable {
    private final RunFolder folder;
    private final Consumer<String> warning;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("charlstm-writer").factory());
    private final Deque<Event> events = new ArrayDeque<>();
    private final Queue<String> warnings = new ConcurrentLinkedQueue<>();
    private final Set<String> warned = new HashSet<>();
    /** The model of the last complete epoch on disk, or the model with which training began; null before. */
    @Nullable
    volatile LastModel last;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    /** The files that the thread has not taken yet; guarded by this. */
    private Pending waiting = new Pending();
    /** The number of calls to {@link #write}; changed by the run's thread alone. */
    private volatile long handedOver;
    private volatile long written;
    /** Whether a write has failed; nothing is written afterwards. Used by the writing thread alone. */
    private boolean failed;

    /** An action to run when the first {@code after} writes are on disk. */
    private record Event(long after, Runnable action) {
    }

    /** The last model that is on disk. */
    record LastModel(SavedModel model, String origin) {
    }

    /** The files of a write, in order: a killed run leaves an older state, and the resumed run removes the rest. */
    static final class Pending {
        /** Files of which only the newest version is written, before or after the figures. */
        private enum Kind {
            MODEL, BEST, STATE
        }

        private final Map<Kind, BiConsumer<RunFolder, Consumer<String>>> newest = new EnumMap<>(Kind.class);
        private final List<Figures> figures = new ArrayList<>();
        /** The model after the last of these epochs. */
        private @Nullable Supplier<SavedModel> whole;
        private final List<Runnable> optional = new ArrayList<>();

        /** Adds the model of an epoch, complete or not. */
        Pending model(int epoch, Supplier<SavedModel> model) {
            newest.put(Kind.MODEL, (folder, _) -> {
                SavedModel made = model.get();
                requireFinite(epoch, made.weights());
                folder.save(made);
            });
            return this;
        }

        /** Adds the figures of a complete epoch, and the model after it. */
        Pending figures(Figures epoch, Supplier<SavedModel> model) {
            figures.add(epoch);
            whole = model;
            return this;
        }

        Pending best(Supplier<SavedModel> model, Figures.Best best) {
            newest.put(Kind.BEST, (folder, _) -> folder.saveBest(model.get(), best));
            return this;
        }

        /** Adds a state; {@code keep} earlier states stay. */
        Pending state(Supplier<RunState> state, int keep) {
            newest.put(Kind.STATE, (folder, warning) -> {
                RunState made = state.get();
                requireFinite(made);
                if (keep > 0) {
                    attempt(() -> folder.keep(made), warning);
                }
                folder.save(made);
                if (keep > 0) {
                    attempt(() -> folder.deleteAllButNewest(keep), warning);
                }
            });
            return this;
        }

        /** Adds a write whose failure is only a warning. */
        Pending optional(Runnable write) {
            optional.add(write);
            return this;
        }

        private void merge(Pending later) {
            newest.putAll(later.newest);
            figures.addAll(later.figures);
            whole = later.whole == null ? whole : later.whole;
            optional.addAll(later.optional);
        }

        private void write(RunFolder folder, Consumer<String> warning) {
            write(Kind.MODEL, folder, warning);
            if (!figures.isEmpty()) {
                folder.add(figures);
            }
            write(Kind.BEST, folder, warning);
            write(Kind.STATE, folder, warning);
            optional.forEach(each -> attempt(each, warning));
        }

        private void write(Kind kind, RunFolder folder, Consumer<String> warning) {
            newest.getOrDefault(kind, (_, _) -> {}).accept(folder, warning);
        }

        private static void attempt(Runnable write, Consumer<String> warning) {
            try {
                write.run();
            } catch (RuntimeException e) {
                warning.accept(e instanceof CharlstmException known ? known.getMessage() : e.toString());
            }
        }
    }

    /** Refuses a state with NaN or infinity, from which no run can continue. */
    static void requireFinite(RunState state) {
        requireFinite(state.training().epoch(), state.training().weights());
        state.training().states().values().forEach(weights -> requireFinite(state.training().epoch(), weights));
    }

    private static void requireFinite(int epoch, Weights weights) {
        try {
            weights.requireFinite("epoch " + epoch + ", not saved");
        } catch (CharlstmException e) {
            throw new DivergenceException(String.valueOf(e.getMessage()));
        }
    }

    /** A writer into a folder. The failure of an optional write becomes a warning on the run's thread. */
    BackgroundWriter(RunFolder folder, Consumer<String> warning) {
        this.folder = folder;
        this.warning = warning;
    }

    /** Writes in the background; {@link #report} runs the action afterwards. */
    void write(Pending files, Runnable action) {
        synchronized (this) {
            waiting.merge(files);
            handedOver = handedOver + 1;
        }
        events.add(new Event(handedOver, action));
        thread.execute(this::writeWaiting);
    }

    void write(Pending files) {
        write(files, () -> {});
    }

    private void writeWaiting() {
        Pending files;
        long until;
        synchronized (this) {
            files = waiting;
            until = handedOver;
            waiting = new Pending();
        }
        if (failed) {
            return;
        }
        try {
            files.write(folder, warnings::add);
            if (files.whole != null) {
                last = new LastModel(files.whole.get(), "of epoch " + files.figures.getLast().epoch());
            }
            written = until;
        } catch (RuntimeException | Error e) {
            failed = true;
            failure.set(e);
        }
    }

    /** Runs, on the run's thread, the actions of finished writes, and fails if a write has failed. */
    void report() {
        for (String line = warnings.poll(); line != null; line = warnings.poll()) {
            if (warned.add(line)) {
                warning.accept(line);
            }
        }
        while (!events.isEmpty() && events.element().after <= written) {
            events.remove().action.run();
        }
        switch (failure.getAndSet(null)) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null, default -> {}
        }
    }

    /** Waits until everything is written. */
    void await() {
        CompletableFuture.runAsync(() -> {}, thread).join();
    }

    void await(double seconds) {
        try {
            CompletableFuture.runAsync(() -> {}, thread).orTimeout((long) (seconds * 1e9), TimeUnit.NANOSECONDS).join();
        } catch (CompletionException e) {
            // Still writing: report() throws what fails.
        }
    }

    /** Waits until everything is written, and runs {@link #report}. */
    void settle() {
        await();
        report();
    }

    @Override
    public void close() {
        thread.close();
    }
}
