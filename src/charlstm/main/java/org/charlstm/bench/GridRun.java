package org.charlstm.bench;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Machine;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.bench.MeasurementProcess.Answer;
import org.charlstm.bench.MeasurementProcess.Task;

/** An experiment: measures a grid. Starting it again in the same folder resumes it. */
public record GridRun(Grid grid, Path folder, ProcessLauncher launcher, Journal journal) implements AutoCloseable {
    public interface Progress {
        /** A configuration has been measured; repeats count from 1. */
        void measured(int done, int total, int repeat, Configuration measured, Measurement measurement);
    }

    /** Opens and describes each device of a grid, each in its own process; empty if interrupted. */
    public static Optional<List<DeviceSetup.Summary>> devices(Grid grid, BooleanSupplier interrupted) {
        List<DeviceSetup.Summary> devices = new ArrayList<>();
        for (DeviceSetup setup : grid.setups()) {
            Optional<Answer> answer = new ProcessLauncher(interrupted)
                    .ask(new Task(grid.text(), grid.protocol(), setup, null));
            if (answer.isEmpty()) {
                return Optional.empty();
            }
            if (answer.get().failure() != null) {
                throw new CharlstmException(answer.get().failure());
            }
            devices.add(answer.get().device());
        }
        return Optional.of(devices);
    }

    public record Plan(Grid grid, TextSource.Summary text, List<DeviceSetup.Summary> devices, List<String> command) {
    }

    /** Begins an experiment, or resumes it. With {@code force}, it may replace another experiment in the folder. */
    public static GridRun open(Plan plan, Path folder, boolean force, BooleanSupplier interrupted) {
        Grid grid = plan.grid;
        Journal.Header header = new Journal.Header(Build.current(), Machine.json(), plan.text, grid.protocol(),
                plan.devices, grid.configurations(), grid.part());
        Journal.Begin begin = new Journal.Begin(now(), plan.command, header);
        Journal journal = Journal.open(folder, begin, force);
        try {
            GridRun run = new GridRun(grid, folder, new ProcessLauncher(interrupted), journal);
            // Replaces the results of any other experiment in the folder.
            run.results().write(folder);
            return run;
        } catch (RuntimeException e) {
            journal.close();
            throw e;
        }
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Makes the missing measurements and writes the results after each; false if interrupted. */
    public boolean measure(Progress progress) {
        List<Grid.Run> runs = grid.runs();
        for (Grid.Run run : runs) {
            if (isDone(run)) {
                continue;
            }
            Configuration configuration = grid.configurations().get(run.configuration());
            Optional<Answer> answer = launcher.ask(new Task(grid.text(), grid.protocol(), configuration.deviceSetup(),
                    configuration));
            if (answer.isEmpty()) {
                return false;
            }
            Measurement measurement = Objects.requireNonNull(answer.get().measurement(),
                    "the answer to a configuration is a measurement");
            String text = journal.begin().header().text().sha256();
            if (measurement.text() != null && !measurement.text().equals(text)) {
                throw new CharlstmException(journal.begin().header().text().source()
                        + " has changed since the first measurement; start anew with --force");
            }
            journal.add(new Journal.Entry(run.configuration(), run.repeat(), now(), measurement));
            results().write(folder);
            progress.measured((int) runs.stream().filter(this::isDone).count(), runs.size(), run.repeat() + 1,
                    configuration, measurement);
        }
        return true;
    }

    /** A resumed experiment repeats failed measurements, but skips configurations that do not fit. */
    private boolean isDone(Grid.Run run) {
        return journal.entries().stream().anyMatch(entry -> entry.configuration() == run.configuration()
                && (entry.measurement().status() == Status.DOES_NOT_FIT
                        || (entry.measurement().status() == Status.MEASURED && entry.repeat() == run.repeat())));
    }

    public Results results() {
        Journal.Begin begin = journal.begin();
        Journal.Header header = begin.header();
        boolean whole = grid.runs().stream().allMatch(this::isDone);
        return new Results(Results.FORMAT, begin.command(), begin.started(),
                whole ? journal.entries().getLast().ended() : null, header.charlstm(), header.machine(),
                header.text(), header.protocol(), header.devices(), ResultRow.of(header, journal.entries()),
                header.part(), null);
    }

    @Override
    public void close() {
        journal.close();
    }
}
