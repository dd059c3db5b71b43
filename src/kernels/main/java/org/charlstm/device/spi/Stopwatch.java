package org.charlstm.device.spi;

import module java.base;
import org.charlstm.device.Device;

/** Measures the time between marks in a device's sequence of operations. Closed, it throws IllegalStateException. */
public interface Stopwatch extends AutoCloseable {
    /** A device with a clock of its own. */
    interface Source {
        /** A stopwatch by the device's clock. It belongs to the caller and must be closed before the device. */
        Stopwatch stopwatch();
    }

    /** A device's stopwatch, by the host's clock where its operations are done when they return. */
    static Stopwatch of(Device device) {
        return device instanceof Source source ? source.stopwatch() : onHost();
    }

    /** Marks the end of the operations called so far, without waiting for them. */
    void mark();

    /**
     * From now on marks launches of kernels as well, where a device has them. The listener is told the kernel's name
     * after the mark at the end of its launch, and an empty text after that before it.
     */
    default void markLaunches(Consumer<String> listener) {
    }

    /** Waits for all marks and forgets them; gives the seconds from each to the next, by the device's clock. */
    double[] laps();

    @Override
    void close();

    private static Stopwatch onHost() {
        return new Stopwatch() {
            private final List<Long> marks = new ArrayList<>();
            private boolean open = true;

            @Override
            public void mark() {
                requireOpen();
                marks.add(System.nanoTime());
            }

            @Override
            public double[] laps() {
                requireOpen();
                double[] laps = new double[Math.max(marks.size() - 1, 0)];
                for (int i = 0; i < laps.length; i++) {
                    laps[i] = 1e-9 * (marks.get(i + 1) - marks.get(i));
                }
                marks.clear();
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
            }
        };
    }
}
