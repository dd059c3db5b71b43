package org.charlstm.jmh;

import module java.base;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs benchmarks with what JMH's own options on the command line ask for, and the ceilings beside them. */
final class Runs {
    /** The processor's most, in billions a second over all threads. */
    record Ceiling(double flops, double bytes) {
        Ceiling best(Ceiling other) {
            return new Ceiling(Math.max(flops, other.flops), Math.max(bytes, other.bytes));
        }
    }

    private static final String PREFIX = "^" + Runs.class.getPackageName().replace(".", "\\.") + "\\.";

    private final CommandLineOptions given;

    Runs(String[] arguments) throws CommandLineOptionException {
        given = new CommandLineOptions(arguments);
    }

    /** A parameter's values as {@code -p} gives them, or those by default. */
    String[] parameter(String name, String... otherwise) {
        Collection<String> values = given.getParameter(name).orElse(List.of(otherwise));
        return values.toArray(String[]::new);
    }

    /** How many threads the device is to have. */
    int[] threads() {
        return List.of(parameter("threads", "0")).stream().mapToInt(Integer::parseInt)
                .map(count -> count == 0 ? Runtime.getRuntime().availableProcessors() : count).toArray();
    }

    /** The benchmarks whose class and method match a pattern, with a device of so many threads. */
    Collection<RunResult> run(String pattern, int threads, OptionsBuilder options) throws RunnerException {
        return run(options.include(PREFIX + pattern).param("threads", "" + threads));
    }

    private Collection<RunResult> run(ChainedOptionsBuilder options) throws RunnerException {
        return new Runner(options.timeUnit(TimeUnit.MICROSECONDS).shouldFailOnError(true).build()).run();
    }

    /** Options that start from those given. */
    OptionsBuilder options() {
        OptionsBuilder builder = new OptionsBuilder();
        builder.parent(given);
        return builder;
    }

    /** Measures the ceilings on so many threads. */
    Ceiling ceiling(int threads) throws RunnerException {
        double flops = 0;
        double bytes = 0;
        for (RunResult result : run(options().include(PREFIX + "Ceilings\\.").threads(threads))) {
            if (method(result).equals("fma")) {
                flops = threads * Ceilings.FMA_FLOPS / seconds(result) * 1e-9;
            } else {
                bytes = threads * Ceilings.COPY_BYTES / seconds(result) * 1e-9;
            }
        }
        return new Ceiling(flops, bytes);
    }

    /** A benchmark's method. */
    static String method(RunResult result) {
        String name = result.getParams().getBenchmark();
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** The mean time of a call. */
    static double seconds(RunResult result) {
        return result.getPrimaryResult().getScore() * 1e-6;
    }

    /** The work of a call. */
    static Work work(RunResult result) {
        return Work.of(method(result), name -> Double.parseDouble(result.getParams().getParam(name)));
    }
}
