package org.charlstm.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.charlstm.bench.Comparison;

/** Two experiments side by side, for people. */
final class BenchCompareTable {
    private static final String FIGURES = "  %9s %9s %7s  %s";

    private BenchCompareTable() {
    }

    static List<String> lines(Comparison comparison) {
        List<String> lines = new ArrayList<>();
        comparison.differences().forEach(difference -> lines.add("differs: " + difference));
        lines.add(String.format("%-10s %-9s %7s %6s %6s %6s %6s" + FIGURES, "device", "precision", "threads", "batch",
                "hidden", "layers", "dense", "A s/epoch", "B s/epoch", "B/A", "spreads"));
        comparison.pairs().forEach(pair -> lines.add(BenchTable.sizes(pair.configuration())
                + String.format(Locale.ROOT, FIGURES, BenchTable.seconds(pair.first().median()),
                        BenchTable.seconds(pair.second().median()), String.format(Locale.ROOT, "%.3f", pair.ratio()),
                        pair.overlap() ? "overlap" : "apart")));
        comparison.unpaired().forEach(each -> lines.add(BenchTable.sizes(each.configuration()) + "  " + each.why()));
        return lines;
    }
}
