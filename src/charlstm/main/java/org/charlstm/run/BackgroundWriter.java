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
 * Writes a run's files on a thread of its own, and reports each write on the run's thread once it is on disk. Writes
 * that wait are merged: the newest model and state count, and the figures of every epoch.
 */
final class BackgroundWriter implements AutoCloseable {
    private final RunFolder folder;
    private final Consumer<String> warning;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("charlstm-writer").factory());
    private final Deque<Event> events = new ArrayDeque<>();
    private final Queue<String> warnings = new ConcurrentLinkedQueue<>();
    private final Set<String> warned = new HashSet<>();
    /** Of the last whole epoch on disk, or the one that training began with; null before that. */
    @Nullable
    volatile LastModel last;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    /** Not yet taken by the thread; guarded by this. */
    private Pending waiting = new Pending();
    /** The number of calls to {@link #write}; changed by the run's thread alone. */
    private volatile long handedOver;
    private volatile long written;
    /** Used by the writing thread alone, which writes nothing more after a failure. */
    private boolean failed;

    /** To be run once so many writes are on disk. */
    private record Event(long after, Runnable action) {
    }

    /** The last model that is on disk. */
    record LastModel(SavedModel model, String origin) {
    }

    /** Files in the order of writing: a kill leaves an older state, and a run that resumes from it removes the rest. */
    static final class Pending {
        /** Files of which only the newest counts, written before and after the figures. */
        private enum Kind {
            MODEL, BEST, STATE
        }

        private final Map<Kind, BiConsumer<RunFolder, Consumer<String>>> newest = new EnumMap<>(Kind.class);
        private final List<Figures> figures = new ArrayList<>();
        /** The model after the last of these epochs. */
        private @Nullable Supplier<SavedModel> whole;
        private final List<Runnable> optional = new ArrayList<>();

        /** The model of an epoch, whole or not. */
        Pending model(int epoch, Supplier<SavedModel> model) {
            newest.put(Kind.MODEL, (folder, _) -> {
                SavedModel made = model.get();
                requireFinite(epoch, made.weights());
                folder.save(made);
            });
            return this;
        }

        /** The figures of a whole epoch, with the model after it. */
        Pending figures(Figures epoch, Supplier<SavedModel> model) {
            figures.add(epoch);
            whole = model;
            return this;
        }

        Pending best(Supplier<SavedModel> model, Figures.Best best) {
            newest.put(Kind.BEST, (folder, _) -> folder.saveBest(model.get(), best));
            return this;
        }

        /** A state, beside which so many earlier ones stay. */
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

        /** A write whose failure is only a warning. */
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

    /** Refuses a state that no run could go on from. */
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

    /** Writes into a folder. A failure of an optional write is a warning, given on the run's thread. */
    BackgroundWriter(RunFolder folder, Consumer<String> warning) {
        this.folder = folder;
        this.warning = warning;
    }

    /** Writes in the background; the action is for {@link #report} to run afterwards. */
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

    /** Waits until nothing is left to write. */
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

    /** Waits until all is written, and reports it. */
    void settle() {
        await();
        report();
    }

    @Override
    public void close() {
        thread.close();
    }
}
