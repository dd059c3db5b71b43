package org.charlstm.bench;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A part of a grid that several machines share: every {@code of}-th configuration. Parts then have like sizes, and
 * neighbours in the grid, which take like times, go to different parts.
 *
 * @param number from 1
 * @param grid   the configurations of the whole grid, in its order
 */
public record GridPart(int number, int of, List<Configuration> grid) {
    /** The configurations of the grid whose index leaves {@code number - 1} when divided by {@code of}. */
    public List<Configuration> configurations() {
        return IntStream.range(0, grid.size()).filter(i -> partOf(i, of) == number).mapToObj(grid::get).toList();
    }

    /** The number of the part with the configuration of an index. */
    static int partOf(int index, int of) {
        return index % of + 1;
    }

    /** As the option {@code --part} takes it, for example {@code 2/4}. */
    public String title() {
        return title(number, of);
    }

    static String title(int number, int of) {
        return number + "/" + of;
    }

    /** Refuses one of a file that is incomplete or has other configurations. */
    void require(List<Configuration> configurations) {
        FileChecks.require(number >= 1 && number <= of, "part is " + title());
        FileChecks.whole("part.grid", grid).forEach(Configuration::require);
        FileChecks.require(configurations().equals(configurations),
                "its configurations are not those of part " + title());
    }

    /**
     * A part in the results of a merged grid, with members of the part's own {@link Results}.
     *
     * @param number from 1; the grid's row of index i is of part {@code i % of + 1}
     */
    public record Measured(int number, int of, List<String> command, String started, @Nullable String finished,
            Build charlstm, JsonObject machine, List<DeviceSetup.Summary> devices) {
        static Measured of(GridPart part, Results results) {
            return new Measured(part.number(), part.of(), results.command(), results.started(), results.finished(),
                    results.charlstm(), results.machine(), results.devices());
        }

        String title() {
            return GridPart.title(number, of);
        }

        /** Refuses one of a file that is incomplete. */
        static void require(@Nullable Measured part) {
            Measured present = FileChecks.present("a part", part);
            FileChecks.require(present.number >= 1 && present.number <= present.of, "a part is " + present.title());
            FileChecks.present("a part's charlstm", present.charlstm);
            FileChecks.present("a part's machine", present.machine);
            FileChecks.whole("a part's devices", present.devices);
        }
    }
}
