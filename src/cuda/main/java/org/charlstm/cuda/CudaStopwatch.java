package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.CudaDriver;
import org.jspecify.annotations.Nullable;

/** Measures work on the current stream by events; {@link #laps} frees the events for reuse. */
public final class CudaStopwatch extends CudaObject {
    private final List<CudaEvent> events = new ArrayList<>();
    private int marks;
    /** The listener for launches; null unless launches are marked. */
    private @Nullable Consumer<String> told;

    CudaStopwatch(Cuda cuda) {
        super(cuda, "a stopwatch");
        cuda.context().requireThread();
        opened();
    }

    /** Marks the end of the work so far, without waiting for it. */
    public void mark() {
        requireOpen();
        if (marks == events.size()) {
            CudaEvent event = new CudaEvent(cuda(), true);
            // The event ends with the stopwatch.
            cuda().remove(event);
            events.add(event);
        }
        events.get(marks).record();
        marks++;
    }

    /**
     * From now on also marks the beginning and the end of each kernel launch, until this stopwatch is closed or another
     * one marks launches. Launches within {@link Cuda#record} or {@link Cuda#on} are not marked.
     *
     * @param listener gets the kernel's name after the mark at the end of a launch, and an empty text after the mark at
     *                 the beginning
     */
    public void markLaunches(Consumer<String> listener) {
        requireOpen();
        told = Objects.requireNonNull(listener, "the listener is null");
        cuda().current().markLaunches(this);
    }

    /** Runs a launch between two marks. */
    void launch(String kernel, Runnable launch) {
        Consumer<String> listener = Objects.requireNonNull(told, "launches are marked for somebody");
        mark();
        listener.accept("");
        launch.run();
        mark();
        listener.accept(kernel);
    }

    /** Waits for all marks and forgets them; returns the seconds from each mark to the next, by the GPU's clock. */
    public double[] laps() {
        driver();
        double[] laps = new double[Math.max(marks - 1, 0)];
        if (laps.length > 0) {
            events.get(laps.length).synchronize();
        }
        for (int i = 0; i < laps.length; i++) {
            laps[i] = events.get(i + 1).secondsSince(events.get(i));
        }
        marks = 0;
        return laps;
    }

    @Override
    void release(CudaDriver driver) {
        cuda().current().forget(this);
        try (Resources resources = new Resources()) {
            events.forEach(event -> resources.add(event::close));
        }
    }
}
