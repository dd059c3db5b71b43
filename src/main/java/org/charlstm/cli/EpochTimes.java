package org.charlstm.cli;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;
import org.charlstm.train.Figures;
import org.charlstm.train.Spread;

/** The seconds of a run's epochs: the first, which warms up, is told apart. */
final class EpochTimes {
    private final double first;
    private final double mean;
    private final Spread others;

    EpochTimes(List<Figures> metrics) {
        first = metrics.getFirst().seconds();
        List<Double> seconds = metrics.stream().skip(metrics.size() == 1 ? 0 : 1).map(Figures::seconds).toList();
        mean = seconds.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        others = Spread.of(seconds);
    }

    String line() {
        return String.format(Locale.ROOT, "mean %.2f, median %.2f, min %.2f, max %.2f%s", mean, others.median(),
                others.min(), others.max(), first == others.min() && first == others.max() ? ""
                        : String.format(Locale.ROOT, "; the first %.2f", first));
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("first", first);
        json.addProperty("mean", mean);
        json.addProperty("median", others.median());
        json.addProperty("min", others.min());
        json.addProperty("max", others.max());
        return json;
    }
}
