package org.charlstm.cli;

import com.google.errorprone.annotations.FormatMethod;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.charlstm.Quantity;
import org.charlstm.bench.Configuration;
import org.charlstm.bench.DeviceSetup;
import org.charlstm.bench.Grid;
import org.charlstm.bench.GridRun;
import org.charlstm.bench.Measurement;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.bench.TextSource;
import org.charlstm.train.Spread;

/** Tells on standard error how an experiment goes: a line a measurement. */
final class BenchProgress implements GridRun.Progress {
    private final Console console;
    private final TextSource.Summary text;
    private final long start = System.nanoTime();
    private int made;

    BenchProgress(Console console, TextSource.Summary text) {
        this.console = console;
        this.text = text;
    }

    /** A warning where a machine is busy with other work; its load is negative where that is not known. */
    static Optional<String> busy(double load, int processors) {
        // A bench that has just ended leaves a load of up to the number of processors.
        return load < processors + 1 ? Optional.empty()
                : Optional.of(String.format(Locale.ROOT, "the load of the last minute is %.1f on %s: others compute "
                        + "here too, and epochs take longer than they would alone; measure when it is idle", load,
                        Quantity.of(processors, "processors")));
    }

    /** Says what is to come. */
    void begin(Grid grid, List<DeviceSetup.Summary> devices, Path folder) {
        busy(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                Runtime.getRuntime().availableProcessors()).ifPresent(console::warn);
        say("%s from %s, %s, %d symbols", Quantity.of(text.captions(), text.unit()), text.source(),
                Quantity.of(text.steps(), "time steps"), text.symbols());
        devices.forEach(device -> say("%s %s: %s", device.device(), device.precision(), device.description()));
        if (grid.part() != null) {
            say("part %s of %s", grid.part().title(),
                    Quantity.of(grid.part().grid().size(), "configurations"));
        }
        say("%s, %s, %s after %d to warm up; into %s", Quantity.of(grid.configurations().size(), "configurations"),
                Quantity.of(grid.protocol().repeats(), "repeats"), Quantity.of(grid.protocol().epochs(), "epochs"),
                grid.protocol().warmUp(), folder);
    }

    @Override
    public void measured(int done, int total, int repeat, Configuration configuration, Measurement measurement) {
        made++;
        String found;
        if (measurement.status() == Status.MEASURED) {
            Spread seconds = Spread.of(measurement.seconds());
            found = String.format(Locale.ROOT, "%.3f s an epoch, %,.0f characters/s", seconds.median(),
                    text.charactersOfEpoch(configuration) / seconds.median());
        } else {
            found = BenchTable.without(measurement.status(), measurement.message());
        }
        double left = (System.nanoTime() - start) * 1e-9 / made * (total - done);
        say("%d/%d  %s: %s%s", done, total, configuration.label(), found, done == total ? ""
                : String.format(Locale.ROOT, "; %d:%02d left", (int) left / 60, (int) left % 60));
    }

    @FormatMethod
    private void say(String format, Object... values) {
        console.say(String.format(Locale.ROOT, format, values));
    }
}
