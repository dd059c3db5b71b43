package org.charlstm.device.spi;

import module java.base;
import org.charlstm.device.Device;

/** Measures the time between marks in a device's operations. A closed stopwatch throws IllegalStateException. */
public interface Stopwatch extends AutoCloseable {
    /** A device with its own clock. */
    interface Source {
        /** A new stopwatch by the device's clock; the caller closes the stopwatch before the device. */
        Stopwatch stopwatch();
    }

    /** A device's stopwatch. For a device without a clock, whose operations are synchronous, it uses the host's. */
    static Stopwatch of(Device device) {
        return device instanceof Source source ? source.stopwatch() : onHost();
    }

    /** Marks the end of the operations called so far, without waiting for them. */
    void mark();

    /**
     * From now on also marks kernel launches, if the device has any: a mark before and after each launch. The listener
     * receives an empty text after the mark before a launch, and the kernel's name after the mark at its end.
     */
    default void markLaunches(Consumer<String> listener) {
    }

    /** Waits for all marks, then clears them; returns the seconds from each mark to the next. */
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
