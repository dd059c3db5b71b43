package org.charlstm.text;

import module java.base;

/** The files of a text, found by the index of a caption or a character. */
final class SourceFiles {
    private final List<SourceFile> files = new ArrayList<>();
    private long[] starts = new long[4];

    /** A file. Places in JSON are numbers of captions, blank ones included; places in other files are lines. */
    record SourceFile(String name, boolean isJson) {
        String place(long number) {
            return name + (isJson ? ", caption " : ", line ") + number;
        }
    }

    /** Starts another file at an index. */
    void begin(SourceFile file, long start) {
        if (files.size() == starts.length) {
            starts = Arrays.copyOf(starts, 2 * starts.length);
        }
        starts[files.size()] = start;
        files.add(file);
    }

    private int number(long index) {
        int number = 0;
        int beyond = files.size();
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
    SourceFile file(long index) {
        return files.get(number(index));
    }

    /** The index at which the file of a given index begins. */
    long start(long index) {
        return starts[number(index)];
    }
}
