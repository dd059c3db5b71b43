package org.charlstm.bench;

import com.google.gson.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the rows of one part of a merged grid come from: what {@link Results} of the part said.
 *
 * @param number   which part, from 1; the grid's row at place i, from 0, is of part {@code i % of + 1}
 * @param of       how many parts there are
 * @param command  the command line that measured it
 * @param started  when the first measurement began
 * @param finished when the last ended; null if some are missing or have failed
 * @param devices  the devices as they were set up
 */
public record Origin(int number, int of, List<String> command, String started, @Nullable String finished,
        Build charlstm, JsonObject machine, List<DeviceSetup.Summary> devices) {
    static Origin of(Part part, Results results) {
        return new Origin(part.number(), part.of(), results.command(), results.started(), results.finished(),
                results.charlstm(), results.machine(), results.devices());
    }

    /** As {@link Part#title}. */
    String title() {
        return Part.title(number, of);
    }

    /** Refuses one of a file that says less. */
    static void require(@Nullable Origin origin) {
        Origin present = Sound.present("a part", origin);
        Sound.require(present.number >= 1 && present.number <= present.of, "a part is " + present.title());
        Sound.present("a part's charlstm", present.charlstm);
        Sound.present("a part's machine", present.machine);
        Sound.whole("a part's devices", present.devices);
    }
}
