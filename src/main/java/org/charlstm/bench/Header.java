package org.charlstm.bench;

import com.google.gson.JsonObject;
import java.util.List;

/**
 * All that makes two measurements parts of one experiment.
 *
 * @param charlstm       which build
 * @param machine        hardware and software
 * @param text           the captions
 * @param protocol       how each configuration is measured
 * @param devices        the devices as they are set up
 * @param configurations the grid
 */
record Header(Build charlstm, JsonObject machine, TextSummary text, Protocol protocol, List<DeviceSummary> devices,
        List<Configuration> configurations) {
}
