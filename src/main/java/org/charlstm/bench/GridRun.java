package org.charlstm.bench;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.charlstm.CharlstmException;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.bench.MeasurementProcess.Answer;
import org.charlstm.bench.MeasurementProcess.Task;
import org.charlstm.run.Machine;

/** An experiment: it measures a grid, and goes on where it was if it is begun again in the same folder. */
public final class GridRun implements AutoCloseable {
    private final Grid grid;
    private final Path folder;
    private final ProcessLauncher asking;
    private final Journal journal;

    /** Follows the measurements. */
    public interface Progress {
        /**
         * A measurement has been made.
         *
         * @param done        how many there are, those of an earlier run among them
         * @param total       how many there will be
         * @param repeat      which of this configuration's, from 1
         */
        void measured(int done, int total, int repeat, Configuration measured, Measurement measurement);
    }

    private GridRun(Grid grid, Path folder, ProcessLauncher asking, Journal journal) {
        this.grid = grid;
        this.folder = folder;
        this.asking = asking;
        this.journal = journal;
    }

    /**
     * Looks at each device of a grid, in a process of its own.
     *
     * @return the devices; empty if it was stopped
     * @throws CharlstmException if one is not here
     */
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

    /**
     * Begins an experiment, or goes on with the same one.
     *
     * @param text        what the grid's text is
     * @param devices     what {@link #devices} found
     * @param command     the command line, for the record
     * @param force       whether another experiment in the folder may be replaced
     * @throws CharlstmException if the folder holds another, or cannot be written to
     */
    public static GridRun open(Grid grid, TextSummary text, List<DeviceSetup.Summary> devices, Path folder,
            List<String> command, boolean force, BooleanSupplier interrupted) {
        Journal.Header header = new Journal.Header(Build.current(), Machine.json(), text, grid.protocol(), devices,
                grid.configurations(), grid.part());
        Journal.Begin begin = new Journal.Begin(now(), command, header);
        Journal journal = Journal.open(folder, begin, force);
        try {
            GridRun run = new GridRun(grid, folder, new ProcessLauncher(interrupted), journal);
            // What is there may be of another experiment.
            ResultFiles.write(folder, run.results());
            return run;
        } catch (RuntimeException e) {
            journal.close();
            throw e;
        }
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /**
     * Makes the measurements that are missing, and writes the results after each.
     *
     * @return whether all have been made, rather than interrupted
     */
    public boolean measure(Progress progress) {
        List<Grid.Run> runs = grid.runs();
        for (Grid.Run run : runs) {
            if (isDone(run)) {
                continue;
            }
            Configuration configuration = grid.configurations().get(run.configuration());
            Optional<Answer> answer = asking.ask(new Task(grid.text(), grid.protocol(), configuration.deviceSetup(),
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
            ResultFiles.write(folder, results());
            progress.measured((int) runs.stream().filter(this::isDone).count(), runs.size(), run.repeat() + 1,
                    configuration, measurement);
        }
        return true;
    }

    /** What does not fit will not fit the next time; what failed is tried again by each run of the experiment. */
    private boolean isDone(Grid.Run run) {
        return journal.entries().stream().anyMatch(entry -> entry.configuration() == run.configuration()
                && (entry.measurement().status() == Status.DOES_NOT_FIT
                        || (entry.measurement().status() == Status.MEASURED && entry.repeat() == run.repeat())));
    }

    /** What has been found so far. */
    public Results results() {
        Journal.Begin begin = journal.begin();
        Journal.Header header = begin.header();
        boolean whole = grid.runs().stream().allMatch(this::isDone);
        return new Results(Results.FORMAT, begin.command(), begin.started(),
                whole ? journal.entries().getLast().ended() : null, header.charlstm(), header.machine(),
                header.text(), header.protocol(), header.devices(), new RowBuilder(header, journal.entries()).rows(),
                header.part(), null);
    }

    @Override
    public void close() {
        journal.close();
    }
}
