package org.charlstm.serve;

import module java.base;

/** The kept lines of a file: all lines or, for a long file, every second, every fourth and so on, and the last. */
final class KeptLines {
    /** The bytes that a line takes besides its characters, and the bytes of a character. */
    private static final int BYTES_OF_LINE = 80;
    private static final int BYTES_OF_CHARACTER = 2;

    /** A line and its number in the file, from 1; skipped lines are not counted. */
    record Line(int number, String text) {
        private long bytes() {
            return BYTES_OF_LINE + (long) BYTES_OF_CHARACTER * text.length();
        }
    }

    /** The memory for several files' lines. When the memory is full, the file that takes most keeps fewer lines. */
    static final class Store {
        private final long most;
        private final long mostOfFile;
        private final Set<KeptLines> files = new HashSet<>();
        private long held;

        /** A store of {@code most} bytes, of which one file takes at most {@code mostOfFile}. */
        Store(long most, long mostOfFile) {
            this.most = most;
            this.mostOfFile = mostOfFile;
        }

        synchronized long held() {
            return held;
        }

        private void makeRoom(KeptLines grown) {
            while (grown.bytes > mostOfFile) {
                grown.thin();
            }
            while (held > most) {
                Collections.max(files, Comparator.comparingLong(file -> file.bytes)).thin();
            }
        }
    }

    private final Store store;
    private final List<Line> lines = new ArrayList<>();
    private int count;
    /** A line is kept if its number minus 1 is a multiple of the stride. */
    private int stride = 1;
    private long bytes;

    KeptLines(Store store) {
        this.store = store;
    }

    /** The number of lines, kept or not. */
    int count() {
        synchronized (store) {
            return count;
        }
    }

    /** The first kept lines after a line number. */
    List<Line> after(int number, int limit) {
        synchronized (store) {
            int at = Collections.binarySearch(lines, new Line(number, ""), Comparator.comparingInt(Line::number));
            int from = at < 0 ? -at - 1 : at + 1;
            return List.copyOf(lines.subList(from, Math.min(lines.size(), from + limit)));
        }
    }

    List<String> texts() {
        return after(0, Integer.MAX_VALUE).stream().map(Line::text).toList();
    }

    /** Adds a line; {@code more} says that others may follow at once. The text is built only if the line is kept. */
    void add(Supplier<String> text, boolean more) {
        synchronized (store) {
            store.files.add(this);
            count++;
            if (more && !isKept(count)) {
                return;
            }
            if (!lines.isEmpty() && !isKept(lines.getLast().number)) {
                take(-lines.removeLast().bytes());
            }
            lines.add(new Line(count, text.get()));
            take(lines.getLast().bytes());
            store.makeRoom(this);
        }
    }

    void clear() {
        synchronized (store) {
            lines.clear();
            take(-bytes);
            store.files.remove(this);
            count = 0;
            stride = 1;
        }
    }

    private void take(long more) {
        bytes += more;
        store.held += more;
    }

    private boolean isKept(int number) {
        return (number - 1) % stride == 0;
    }

    /** Keeps every second line; two lines or fewer are all dropped. */
    private void thin() {
        if (lines.size() <= 2) {
            lines.clear();
        } else {
            stride *= 2;
            Line last = lines.getLast();
            lines.removeIf(line -> !isKept(line.number) && line.number != last.number);
        }
        take(lines.stream().mapToLong(Line::bytes).sum() - bytes);
    }
}
