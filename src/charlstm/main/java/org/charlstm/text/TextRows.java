package org.charlstm.text;

import org.jspecify.annotations.Nullable;

/** The characters that belong to each row of a text: captions line by line, or windows of running text. */
sealed interface TextRows {
    int count();

    /** The index of a row's first character. */
    long start(int row);

    /** How many characters a row has. */
    int length(int row);

    /** The line of its file on which a row begins, from 1. */
    int line(int row, Characters characters, SourceFiles sources);

    /** The number of a row among all rows of the text, including rows left out. */
    int ordinal(int row);

    /** The index by which {@link SourceFiles} finds a row's file. */
    long index(int row);

    /**
     * Captions one after another: {@code starts} has the start of each and the end of the last. {@code ordinals} is
     * null if each ordinal equals the index.
     */
    record Lines(int count, long[] starts, int[] lines, int @Nullable [] ordinals) implements TextRows {
        @Override
        public long start(int row) {
            return starts[row];
        }

        @Override
        public int length(int row) {
            return (int) (starts[row + 1] - starts[row]);
        }

        @Override
        public int line(int row, Characters characters, SourceFiles sources) {
            return lines[row];
        }

        @Override
        public int ordinal(int row) {
            return ordinals == null ? row : ordinals[row];
        }

        @Override
        public long index(int row) {
            return row;
        }
    }

    /** Windows of equal length, which may overlap or leave characters out. */
    record Windows(int count, int stride, int length) implements TextRows {
        @Override
        public long start(int row) {
            return (long) row * stride;
        }

        @Override
        public int length(int row) {
            return length;
        }

        /** Counts line feeds at each call, since only messages need lines. */
        @Override
        public int line(int row, Characters characters, SourceFiles sources) {
            return 1 + characters.count('\n', sources.start(start(row)), start(row));
        }

        @Override
        public int ordinal(int row) {
            return row;
        }

        @Override
        public long index(int row) {
            return start(row);
        }
    }
}
