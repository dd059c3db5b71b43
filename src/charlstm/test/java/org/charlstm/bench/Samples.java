package org.charlstm.bench;

import com.google.gson.JsonObject;
import java.util.List;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.train.OperationTime;

/** An experiment of two configurations, made up. */
final class Samples {
    static final Configuration SMALL =
            new Configuration("cpu", "float32", 2, 4, 8, 1, 4, "lstm", "sigmoid", "rmsprop", "lab");
    static final Configuration LARGE =
            new Configuration("cpu", "float32", 2, 8, 8, 1, 4, "lstm", "sigmoid", "rmsprop", "lab");
    static final Grid.Protocol PROTOCOL = new Grid.Protocol(2, 3, 1, "auto", "auto", true, "auto", null, null);
    static final TextSource.Summary TEXT = new TextSource.Summary("somewhere", 20, 200, 16, 20, "ab", null);

    private Samples() {
    }

    static JsonObject machine(String processor) {
        JsonObject machine = new JsonObject();
        machine.addProperty("processor", processor);
        machine.addProperty("processors", 2);
        machine.addProperty("java", "25");
        return machine;
    }

    static Journal.Header header(TextSource.Summary text, Grid.Protocol protocol, Configuration... configurations) {
        return new Journal.Header(new Build("1", null, null), machine("some processor"), text, protocol,
                List.of(new DeviceSetup.Summary("cpu", "float32", 2, "2 threads", "2 threads")),
                List.of(configurations), null);
    }

    static Journal.Begin begin(Configuration... configurations) {
        return new Journal.Begin("2026-01-01T00:00:00Z", List.of("charlstm", "bench"),
                header(TEXT, PROTOCOL, configurations));
    }

    static Measurement measured(Double ceiling, Double... seconds) {
        return new Measurement(Status.MEASURED, null, "ab", List.of(9.0), List.of(seconds), 1.5, ceiling, 1000, 0, null,
                List.of(new OperationTime("gather", seconds[0] / 10)), List.of("a choice"));
    }

    static Journal.Entry entry(int configuration, int repeat, Measurement measurement) {
        return new Journal.Entry(configuration, repeat, "2026-01-01T00:00:0" + repeat + "Z", measurement);
    }

    /** Results of both configurations, the second as long again as the first. */
    static Results results(String processor, TextSource.Summary text, Grid.Protocol protocol, double seconds) {
        Journal.Header header = header(text, protocol, SMALL, LARGE);
        List<ResultRow> rows = ResultRow.of(header, List.of(entry(0, 0, measured(null, seconds, seconds * 1.1)),
                entry(1, 0, measured(null, seconds * 2, seconds * 2.2))));
        return new Results(Results.FORMAT, List.of("charlstm"), "then", null, new Build("1", null, null),
                machine(processor), text, protocol, header.devices(), rows, null, null);
    }
}
