package org.charlstm.bench;

import java.util.List;
import java.util.stream.IntStream;

/**
 * One of the parts in which machines share a grid: every so many-th configuration, so that parts are alike in size and
 * neighbours, which take alike long, are spread over them.
 *
 * @param number which part, from 1
 * @param grid   the configurations of the whole grid, in its order
 */
public record Part(int number, int of, List<Configuration> grid) {
    /**
     * The configurations of this part.
     *
     * @return those of the grid whose place, counted from 0, leaves {@code number - 1} when divided by {@code of}
     */
    public List<Configuration> configurations() {
        return IntStream.range(0, grid.size()).filter(i -> partOf(i, of) == number).mapToObj(grid::get).toList();
    }

    /** The number of the part that the configuration at a place of the grid, from 0, is in. */
    static int partOf(int place, int of) {
        return place % of + 1;
    }

    /**
     * What people call it.
     *
     * @return as {@code --part} takes it, for example {@code 2/4}
     */
    public String title() {
        return title(number, of);
    }

    static String title(int number, int of) {
        return number + "/" + of;
    }

    /** Refuses one of a file that says less, or is of other configurations than it has. */
    void require(List<Configuration> configurations) {
        Sound.require(number >= 1 && number <= of, "part is " + title());
        Sound.whole("part.grid", grid).forEach(Configuration::require);
        Sound.require(configurations().equals(configurations), "its configurations are not those of part " + title());
    }
}
