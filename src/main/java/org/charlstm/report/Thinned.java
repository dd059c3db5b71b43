package org.charlstm.report;

import java.util.List;
import java.util.stream.IntStream;

/** Fewer of a list's elements than there are. */
final class Thinned {
    private Thinned() {
    }

    /** At most so many, at least two, spread evenly, the first and the last among them. */
    static <T> List<T> to(int most, List<T> all) {
        if (all.size() <= most) {
            return List.copyOf(all);
        }
        return IntStream.range(0, most).mapToObj(i -> all.get((int) ((long) i * (all.size() - 1) / (most - 1))))
                .toList();
    }
}
