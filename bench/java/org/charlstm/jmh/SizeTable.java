package org.charlstm.jmh;

import module java.base;
import org.charlstm.base.Machine;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;

/**
 * The rate of a training step over sizes, and whether it falls off a cliff anywhere: {@code bench/jmh.sh --main
 * SizeTable [JMH OPTION]...}. Fewer steps than the lab's by default, so that the largest fits in memory and in minutes.
 */
final class SizeTable {
    private static final String[] HIDDEN = {"64", "128", "256", "512", "1024"};
    private static final String[] BATCHES = {"1", "2", "4", "8", "16", "32", "64", "128", "256", "512"};
    private static final String STEPS = "32";
    /** An entry below this share of one beside it is named. */
    private static final double CLIFF = 0.6;

    private SizeTable() {
    }

    /**
     * Measures and prints.
     *
     * @param arguments JMH's options
     * @throws CommandLineOptionException if they are none
     * @throws RunnerException            if a benchmark fails
     */
    public static void main(String[] arguments) throws CommandLineOptionException, RunnerException {
        Runs runs = new Runs(arguments);
        String[] hidden = runs.parameter("hidden", HIDDEN);
        String[] batches = runs.parameter("batch", BATCHES);
        List<String> lines = new ArrayList<>();
        for (int threads : runs.threads()) {
            Runs.Ceiling ceiling = runs.ceiling(threads);
            Map<String, Double> rates = new HashMap<>();
            var options = runs.options();
            options.param("hidden", hidden).param("batch", batches).param("steps", runs.parameter("steps", STEPS));
            for (RunResult result : runs.run("StepCost\\.", threads, options)) {
                rates.put(key(result.getParams().getParam("hidden"), result.getParams().getParam("batch")),
                        Runs.work(result).rate(Runs.seconds(result)));
            }
            lines.add(String.format(Locale.ROOT, "%nGFLOP/s of a training step, threads %d, T %s; %.0f GFLOP/s of "
                    + "multiply-adds at most", threads, String.join(",", runs.parameter("steps", STEPS)),
                    ceiling.flops()));
            lines.addAll(table(hidden, batches, rates));
            lines.add(check(hidden, batches, rates));
        }
        System.out.println(System.lineSeparator() + Machine.line());
        lines.forEach(System.out::println);
    }

    private static String key(String hidden, String batch) {
        return "H " + hidden + " B " + batch;
    }

    private static List<String> table(String[] hidden, String[] batches, Map<String, Double> rates) {
        List<String> lines = new ArrayList<>();
        StringBuilder head = new StringBuilder(String.format("%8s", ""));
        Stream.of(batches).forEach(batch -> head.append(String.format("%9s", "B " + batch)));
        lines.add(head.toString());
        for (String h : hidden) {
            StringBuilder line = new StringBuilder(String.format("%8s", "H " + h));
            for (String batch : batches) {
                line.append(String.format(Locale.ROOT, "%9.1f", rates.get(key(h, batch))));
            }
            lines.add(line.toString());
        }
        return lines;
    }

    /** Names each entry that is far below one of the four beside it. */
    private static String check(String[] hidden, String[] batches, Map<String, Double> rates) {
        List<String> low = new ArrayList<>();
        for (int i = 0; i < hidden.length; i++) {
            for (int j = 0; j < batches.length; j++) {
                String here = key(hidden[i], batches[j]);
                for (int[] to : new int[][] {{i - 1, j}, {i + 1, j}, {i, j - 1}, {i, j + 1}}) {
                    if (to[0] < 0 || to[0] == hidden.length || to[1] < 0 || to[1] == batches.length) {
                        continue;
                    }
                    String beside = key(hidden[to[0]], batches[to[1]]);
                    double share = rates.get(here) / rates.get(beside);
                    if (share < CLIFF) {
                        low.add(String.format(Locale.ROOT, "%s is %.2f of %s", here, share, beside));
                    }
                }
            }
        }
        return low.isEmpty() ? "check: no entry is below " + CLIFF + " of one beside it"
                : "check: below " + CLIFF + " of one beside it: " + String.join("; ", low);
    }
}
