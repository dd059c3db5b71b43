package org.charlstm.cli;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;
import org.charlstm.train.EpochMetrics;

/** The seconds of a run's epochs: the first, which warms up, is told apart. */
final class EpochTimes {
    private final double[] seconds;
    private final double first;

    EpochTimes(List<EpochMetrics> metrics) {
        first = metrics.getFirst().seconds();
        seconds = metrics.stream().skip(metrics.size() == 1 ? 0 : 1).mapToDouble(EpochMetrics::seconds).sorted()
                .toArray();
    }

    private double mean() {
        double sum = 0;
        for (double value : seconds) {
            sum += value;
        }
        return sum / seconds.length;
    }

    private double median() {
        return (seconds[seconds.length / 2] + seconds[(seconds.length - 1) / 2]) / 2;
    }

    String line() {
        return String.format(Locale.ROOT, "mean %.2f, median %.2f, min %.2f, max %.2f%s", mean(), median(), seconds[0],
                seconds[seconds.length - 1], seconds.length == 1 && first == seconds[0] ? ""
                        : String.format(Locale.ROOT, "; the first %.2f", first));
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("first", first);
        json.addProperty("mean", mean());
        json.addProperty("median", median());
        json.addProperty("min", seconds[0]);
        json.addProperty("max", seconds[seconds.length - 1]);
        return json;
    }
}
