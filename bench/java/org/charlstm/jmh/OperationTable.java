package org.charlstm.jmh;

import module java.base;
import org.charlstm.base.Machine;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;

/**
 * The time of each operation of the CPU device, and its share of what the processor can give, measured in the
 * same run: {@code bench/jmh.sh --main OperationTable [JMH OPTION]...}, for example {@code -p hidden=128,256 -p
 * threads=1,2}.
 */
final class OperationTable {
    private OperationTable() {
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
        List<String> lines = new ArrayList<>();
        for (int threads : runs.threads()) {
            // Before and after: on a shared machine either may be disturbed.
            Runs.Ceiling before = runs.ceiling(threads);
            List<RunResult> results = List.copyOf(
                    runs.run("(OperationCost|StepCost|SamplingCost)\\.", threads, runs.options()));
            Runs.Ceiling ceiling = before.best(runs.ceiling(threads));
            lines.add(String.format(Locale.ROOT, "%nthreads %d; ceilings: %.0f GFLOP/s of multiply-adds, %.0f GB/s "
                    + "copied within second-level caches", threads, ceiling.flops(), ceiling.bytes()));
            lines.add(String.format("%-14s %6s %5s %5s %12s %22s %7s", "operation", "H", "B", "T", "ms", "rate",
                    "share"));
            results.forEach(result -> lines.add(line(result, ceiling)));
        }
        System.out.println(System.lineSeparator() + Machine.line());
        lines.forEach(System.out::println);
        System.out.println("Rates count what Work.java says; a share is of the ceiling in the same unit.");
    }

    private static String line(RunResult result, Runs.Ceiling ceiling) {
        Work work = Runs.work(result);
        double seconds = Runs.seconds(result);
        double rate = work.rate(seconds);
        boolean sampling = Runs.method(result).equals("samplingStep");
        return String.format(Locale.ROOT, "%-14s %6s %5s %5s %12.4f %14.1f %-7s %6.0f%%", Runs.method(result),
                result.getParams().getParam("hidden"), result.getParams().getParam(sampling ? "streams" : "batch"),
                sampling ? "1" : result.getParams().getParam("steps"), seconds * 1e3, rate, work.unit(),
                100 * rate / (work.flops() ? ceiling.flops() : ceiling.bytes()));
    }
}
