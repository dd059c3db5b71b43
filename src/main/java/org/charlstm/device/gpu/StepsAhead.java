package org.charlstm.device.gpu;

import java.util.function.LongSupplier;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaDriver;
import org.charlstm.cuda.Resources;

/**
 * Limits how far the host runs ahead of the GPU: far enough that the GPU never waits, and no farther, since an
 * interruption, or a figure to show, waits for the steps enqueued. A ring of events marks the steps, and the host waits
 * for a step that lies as many steps back as the GPU does in a fifth of a second.
 */
public final class StepsAhead implements AutoCloseable {
    private static final double SECONDS_AHEAD = 0.2;
    private static final int SLOTS = 64;

    private final CudaContext context;
    private final LongSupplier clock;
    private final long[] events = new long[SLOTS];
    private final Resources resources = new Resources();
    private long steps;
    /** The last step that was waited for, and when it was done. */
    private long done = -1;
    private long doneAt;
    private int ahead = 1;

    public StepsAhead(CudaContext context) {
        this(context, System::nanoTime);
    }

    /** With a clock of nanoseconds. */
    public StepsAhead(CudaContext context, LongSupplier clock) {
        this.context = context;
        this.clock = clock;
        try {
            for (int i = 0; i < SLOTS; i++) {
                long event = context.driver().createEvent(CudaDriver.DISABLE_TIMING);
                resources.add(() -> context.driver().destroyEvent(event));
                events[i] = event;
            }
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
    }

    /** A step has been enqueued. */
    void step() {
        CudaDriver driver = context.driver();
        driver.recordEvent(events[(int) (steps % SLOTS)], context.stream());
        long next = steps - ahead;
        if (next > done) {
            driver.awaitEvent(events[(int) (next % SLOTS)]);
            long now = clock.getAsLong();
            if (done >= 0) {
                double seconds = 1e-9 * (now - doneAt) / (next - done);
                ahead = Math.clamp((long) (SECONDS_AHEAD / seconds), 1, Math.min(ahead + 1, SLOTS - 1));
            }
            done = next;
            doneAt = now;
        }
        steps++;
    }

    @Override
    public void close() {
        resources.close();
    }
}
