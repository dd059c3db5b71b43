package org.charlstm.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Which file each part of a text is from. */
final class Sources {
    /** What is counted in JSON, where a blank caption is one too. */
    static final String CAPTION = "caption";

    private final List<Part> parts = new ArrayList<>();
    private long[] starts = new long[4];

    /**
     * A file.
     *
     * @param unit what is counted in it: its lines, or its captions
     */
    record Part(String name, String unit) {
        String place(long line) {
            return name + ", " + unit + " " + line;
        }
    }

    /** A text from one place. */
    static Sources of(String name) {
        Sources sources = new Sources();
        sources.begin(new Part(name, "line"), 0);
        return sources;
    }

    /** Says that what follows an index, of a caption or a character, is from another file. */
    void begin(Part part, long start) {
        if (parts.size() == starts.length) {
            starts = Arrays.copyOf(starts, 2 * starts.length);
        }
        starts[parts.size()] = start;
        parts.add(part);
    }

    private int number(long index) {
        int number = 0;
        int beyond = parts.size();
        while (beyond - number > 1) {
            int middle = (number + beyond) >>> 1;
            if (starts[middle] <= index) {
                number = middle;
            } else {
                beyond = middle;
            }
        }
        return number;
    }

    /** The file that an index is from. */
    Part part(long index) {
        return parts.get(number(index));
    }

    /** The index at which the file of another index begins. */
    long start(long index) {
        return starts[number(index)];
    }
}
