package org.charlstm.device;

import java.util.ArrayList;
import java.util.List;

/** The host's clock, for a device whose operations are done when they return. */
final class HostStopwatch implements Stopwatch {
    private final List<Long> marks = new ArrayList<>();

    @Override
    public void mark() {
        marks.add(System.nanoTime());
    }

    @Override
    public double[] laps() {
        double[] laps = new double[Math.max(marks.size() - 1, 0)];
        for (int i = 0; i < laps.length; i++) {
            laps[i] = 1e-9 * (marks.get(i + 1) - marks.get(i));
        }
        marks.clear();
        return laps;
    }

    @Override
    public void close() {
        marks.clear();
    }
}
