package org.charlstm.cli;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.base.Json;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.console.UsageException;
import org.charlstm.cli.options.DeviceCommand;
import org.charlstm.device.Device;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.Check.Outcome;
import org.charlstm.selftest.Tolerances;
import org.charlstm.selftest.models.ModelSelfTest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "selftest", sortOptions = false,
        description = {"Holds a device to the oracle, plain loops in double: every operation on odd sizes and round "
                + "ones, a whole model, ten steps of training, and sentences; and holds a recorded step to the same "
                + "step call by call, and a run to another from the same seed.",
            "Its exit code is 0 if the device does all of it right, else 1."})
final class SelftestCommand extends DeviceCommand {
    @Option(names = "--json", description = "Print a JSON object a line: each check as it ends, and the end.")
    private boolean json;

    @Option(names = "--only", paramLabel = "CHECK", split = ",",
            description = "Run only checks of these names, such as 'LSTM forward,draw'.")
    private @Nullable List<String> only;

    @Option(names = "--skip", paramLabel = "CHECK", split = ",", description = "Run all but checks of these names.")
    private @Nullable List<String> skip;

    @Override
    public Integer call() {
        device.check();
        Set<String> names =
                ModelSelfTest.checks(Tolerances.FLOAT32).stream().map(Check::name).collect(Collectors.toSet());
        requireKnown("--only", only, names);
        requireKnown("--skip", skip, names);
        try (Device opened = device.open(console())) {
            List<Check> checks = ModelSelfTest.checks(Tolerances.of(opened.precision())).stream()
                    .filter(check -> only == null || only.contains(check.name()))
                    .filter(check -> skip == null || !skip.contains(check.name())).toList();
            return run(console(), opened, checks, json);
        }
    }

    private static void requireKnown(String option, @Nullable List<String> named, Set<String> known) {
        for (String name : named == null ? List.<String>of() : named) {
            if (!known.contains(name)) {
                throw new UsageException(option + " names no check '" + name + "'; there are "
                        + known.stream().sorted().collect(Collectors.joining(", ")));
            }
        }
    }

    /** Runs and prints checks, up to the first check that breaks the device; returns the exit code. */
    static int run(Console console, Device device, List<Check> checks, boolean json) {
        if (!json) {
            console.line("%s: %s", device.name(), device.description());
            console.line("");
            console.line("%-26s  %5s  %10s  %9s  %7s", "check", "cases", "difference", "tolerance", "seconds");
        }
        int failed = 0;
        int ran = 0;
        boolean broken = false;
        for (Iterator<Check> rest = checks.iterator(); rest.hasNext() && !broken;) {
            Check check = rest.next();
            // Announced first, because some checks take seconds.
            console.show(check.name() + " ...");
            long begun = System.nanoTime();
            Outcome outcome = check.run(device);
            double seconds = 1e-9 * (System.nanoTime() - begun);
            console.wipe();
            ran++;
            failed += outcome.passed() ? 0 : 1;
            broken = outcome.broken();
            if (json) {
                console.json(Json.compact(json(outcome, seconds)));
            } else {
                console.line("%s", String.format(Locale.ROOT, "%-26s  %5d  %10s  %9s  %7.2f  %-6s  %s", outcome.name(),
                        outcome.cases(), number(outcome.difference()), number(outcome.tolerance()), seconds,
                        outcome.passed() ? "ok" : "FAILED", outcome.message().orElse("")).stripTrailing());
            }
        }
        int left = checks.size() - ran;
        if (json) {
            console.json(Json.compact(Json.object("device", device.name(), "description", device.description(),
                    "passed", failed == 0, "failed", failed, "not_run", left)));
        } else {
            console.line("");
            console.line("%s %s", device.name(), failed == 0 ? "passes all " + checks.size() + " checks"
                    : "FAILED " + failed + " of " + checks.size() + " checks"
                            + (left == 0 ? "" : "; " + left + " did not run after the device broke"));
        }
        return failed == 0 ? 0 : Main.FAILED;
    }

    private static String number(double value) {
        return value == 0 ? "0" : String.format(Locale.ROOT, "%.1e", value);
    }

    private static JsonObject json(Outcome outcome, double seconds) {
        // JSON has no NaN.
        JsonObject check = Json.object("check", outcome.name(), "cases", outcome.cases(), "difference",
                Double.isFinite(outcome.difference()) ? outcome.difference() : null, "tolerance", outcome.tolerance(),
                "passed", outcome.passed(), "seconds", Math.round(1e3 * seconds) / 1e3);
        outcome.message().ifPresent(message -> check.addProperty("message", message));
        return check;
    }
}
