package org.charlstm.cuda;

import java.util.ArrayList;
import java.util.List;

/** Measures work on the stream by events, which are used again after each {@link #laps}. */
public final class CudaStopwatch implements AutoCloseable {
    private final CudaContext context;
    private final Resources resources = new Resources();
    private final List<Long> events = new ArrayList<>();
    private int marks;
    private boolean open = true;

    public CudaStopwatch(CudaContext context) {
        this.context = context;
    }

    /** Marks the end of the work so far, without waiting for it. */
    public void mark() {
        requireOpen();
        CudaDriver driver = context.driver();
        if (marks == events.size()) {
            long event = driver.createEvent(0);
            resources.add(() -> context.driver().destroyEvent(event));
            events.add(event);
        }
        driver.recordEvent(events.get(marks), context.stream());
        marks++;
    }

    /**
     * Waits for all marks and forgets them.
     *
     * @return seconds from each mark to the next, as the GPU saw them
     */
    public double[] laps() {
        requireOpen();
        double[] laps = new double[Math.max(marks - 1, 0)];
        CudaDriver driver = context.driver();
        if (laps.length > 0) {
            driver.awaitEvent(events.get(laps.length));
        }
        for (int i = 0; i < laps.length; i++) {
            laps[i] = 1e-3 * driver.elapsedTime(events.get(i), events.get(i + 1));
        }
        marks = 0;
        return laps;
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("this stopwatch is closed");
        }
    }

    @Override
    public void close() {
        open = false;
        resources.close();
    }
}
