package org.charlstm.bench;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.io.IoFailure;
import org.charlstm.io.Json;
import org.charlstm.io.RegularFile;
import org.jspecify.annotations.Nullable;

/**
 * An experiment's results, as {@code results.json} has them; docs/bench.md describes the format.
 *
 * @param format   {@value #FORMAT}
 * @param command  the command line that measured or merged them
 * @param started  when the first measurement began, as ISO 8601 has it
 * @param finished when the last ended; null if some are missing or have failed
 * @param machine  hardware and software, as {@code run.json} has them; of merged parts what they have in common
 * @param protocol how each configuration was measured
 * @param devices  the devices as they were set up
 * @param rows     a row a configuration, in the grid's order
 * @param part     which part of a grid this is; null if it is whole
 * @param parts    those that it was merged of, in their order; null if it was measured as it is
 */
public record Results(int format, List<String> command, String started, @Nullable String finished,
        Build charlstm, JsonObject machine, TextSummary text, Grid.Protocol protocol,
        List<DeviceSetup.Summary> devices, List<Row> rows, @Nullable Part part, @Nullable List<Origin> parts) {
    /** The format's number: another one when what is there changes its meaning. */
    public static final int FORMAT = 1;
    /** The file in an experiment's folder. */
    public static final String NAME = "results.json";

    /**
     * Reads results.
     *
     * @param place a file, or the folder of an experiment
     * @throws CharlstmException if there are none
     */
    public static Results read(Path place) {
        Path file = Files.isDirectory(place) ? place.resolve(NAME) : place;
        try {
            if (!file.equals(place)) {
                RegularFile.requireReadable(file);
            }
            Results results = Json.as(JsonParser.parseString(Files.readString(file)), Results.class);
            results.require();
            return results;
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be read: " + IoFailure.of(e)
                    + "; name a folder that charlstm bench has written, or its " + NAME, e);
        } catch (JsonParseException | IllegalArgumentException e) {
            throw new CharlstmException(file + " holds no results of charlstm bench in format " + FORMAT + ": "
                    + Sound.why(e) + "; name a folder that charlstm bench has written, or its " + NAME, e);
        }
    }

    /** Refuses what is not whole. */
    private void require() {
        Sound.require(format == FORMAT, "its format is " + format);
        Sound.present("charlstm", charlstm);
        Sound.present("machine", machine);
        Sound.present("text", text);
        Sound.present("protocol", protocol);
        Sound.whole("devices", devices);
        Sound.whole("rows", rows).forEach(Row::require);
        if (part != null) {
            // A merge writes it all again.
            Sound.present("started", started);
            rows.forEach(Row::requireWhole);
            part.require(rows.stream().map(Row::configuration).toList());
        }
        if (parts != null) {
            parts.forEach(Origin::require);
            Sound.require(!parts.isEmpty(), "parts is empty");
        }
    }
}
