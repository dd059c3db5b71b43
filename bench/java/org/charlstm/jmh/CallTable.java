package org.charlstm.jmh;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * The time of single calls of NVIDIA's libraries, as a share of that of a program that calls them itself, and the
 * bytes that a call allocates: {@code bench/calls.sh [JMH OPTION]...}.
 */
final class CallTable {
    private static final String RAW = "-raw";

    private CallTable() {
    }

    /**
     * Measures and prints.
     *
     * @param arguments JMH's options
     * @throws CommandLineOptionException if they are none
     * @throws RunnerException            if a benchmark fails
     */
    public static void main(String[] arguments) throws CommandLineOptionException, RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder().parent(new CommandLineOptions(arguments))
                .include("\\.CallCost\\.").addProfiler(GCProfiler.class).shouldFailOnError(true).build()).run();
        List<String> lines = new ArrayList<>();
        lines.add(String.format("%n%-10s %-12s %10s %10s %10s", "call", "way", "ns", "to raw", "bytes"));
        for (RunResult result : results) {
            String way = way(result);
            double least = least(result);
            double raw = results.stream().filter(other -> Runs.method(other).equals(Runs.method(result))
                    && way(other).equals(binding(way) + RAW)).mapToDouble(CallTable::least).findFirst()
                    .orElse(Double.NaN);
            lines.add(String.format(Locale.ROOT, "%-10s %-12s %10.1f %10.2f %10.0f", Runs.method(result), way, least,
                    least / raw, result.getSecondaryResults().get("gc.alloc.rate.norm").getScore()));
        }
        lines.forEach(System.out::println);
        System.out.println("Times are those of the fastest iteration: on a shared machine the others are disturbed.");
    }

    private static String way(RunResult result) {
        return result.getParams().getParam("way");
    }

    /** The binding of a way, for example panama of panama-raw. */
    private static String binding(String way) {
        return way.split("-", 2)[0];
    }

    private static double least(RunResult result) {
        return result.getBenchmarkResults().stream().flatMap(fork -> fork.getIterationResults().stream())
                .map(IterationResult::getPrimaryResult).mapToDouble(primary -> primary.getScore()).min().orElseThrow();
    }
}
