package org.charlstm.device;

import module java.base;

/** Measures the time between marks in a device's sequence of operations. Closed, it throws IllegalStateException. */
public interface Stopwatch extends AutoCloseable {
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

    /** A stopwatch on the host's clock, for a device whose operations are done when they return. */
    static Stopwatch onHost() {
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
