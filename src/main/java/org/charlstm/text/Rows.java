package org.charlstm.text;

import org.jspecify.annotations.Nullable;

/** Which characters of a text each of its rows has: captions line by line, or windows of running text. */
sealed interface Rows {
    int count();

    /** The index of a row's first character. */
    long start(int row);

    /** How many characters a row has. */
    int length(int row);

    /** The line on which a row begins in its file, from 1. */
    int line(int row, Characters characters, Sources sources);

    /** The number of a row among all of the text, those included that are left out. */
    int ordinal(int row);

    /** What a row is known by to the sources. */
    long index(int row);

    /**
     * Captions, one behind the other.
     *
     * @param starts   of each the index of the first character, then that after the last caption's end
     * @param ordinals of each the ordinal; null where that is its index
     */
    record Lines(int count, long[] starts, int[] lines, int @Nullable [] ordinals) implements Rows {
        @Override
        public long start(int row) {
            return starts[row];
        }

        @Override
        public int length(int row) {
            return (int) (starts[row + 1] - starts[row]);
        }

        @Override
        public int line(int row, Characters characters, Sources sources) {
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

    /**
     * Windows of one length, which may overlap or leave something out.
     *
     * @param stride how far each begins behind the one before
     */
    record Windows(int count, int stride, int length) implements Rows {
        @Override
        public long start(int row) {
            return (long) row * stride;
        }

        @Override
        public int length(int row) {
            return length;
        }

        /** Counted when somebody asks, as for a message. */
        @Override
        public int line(int row, Characters characters, Sources sources) {
            int line = 1;
            for (long i = sources.start(start(row)); i < start(row); i++) {
                line += characters.codePoint(characters.get(i)) == '\n' ? 1 : 0;
            }
            return line;
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
