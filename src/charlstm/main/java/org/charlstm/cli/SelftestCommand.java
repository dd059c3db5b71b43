package org.charlstm.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.base.Json;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.options.DeviceCommand;
import org.charlstm.device.Device;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.Check.Outcome;
import org.charlstm.selftest.SelfTest;
import org.charlstm.selftest.Tolerances;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "selftest", sortOptions = false,
        description = {"Holds a device to the oracle, plain loops in double: every operation on odd sizes and round "
                + "ones, a whole model, ten steps of training, and sentences; and holds a recorded step to the same "
                + "step call by call, and a run to another from the same seed.",
            "Its exit code is 0 if the device does all of it right, else 1."})
final class SelftestCommand extends DeviceCommand {
    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        device.check();
        try (Device opened = device.open(console())) {
            return run(console(), opened, SelfTest.checks(Tolerances.of(opened.precision())), json);
        }
    }

    /** Runs checks on a device, prints what they find, and returns the exit code. */
    static int run(Console console, Device device, List<Check> checks, boolean json) {
        if (!json) {
            console.line("%s: %s", device.name(), device.description());
            console.line("");
            console.line("%-26s  %5s  %10s  %9s", "check", "cases", "difference", "tolerance");
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (Check check : checks) {
            // Some checks take seconds.
            console.show(check.name() + " ...");
            Outcome outcome = check.run(device);
            console.wipe();
            outcomes.add(outcome);
            if (!json) {
                console.line("%s", String.format(Locale.ROOT, "%-26s  %5d  %10s  %9s  %-6s  %s", outcome.name(),
                        outcome.cases(), number(outcome.difference()), number(outcome.tolerance()),
                        outcome.passed() ? "ok" : "FAILED", outcome.message().orElse("")).stripTrailing());
            }
        }
        long failed = outcomes.stream().filter(outcome -> !outcome.passed()).count();
        if (json) {
            console.json(Json.pretty(json(device, outcomes, failed == 0)));
        } else {
            console.line("");
            console.line("%s %s", device.name(), failed == 0 ? "passes all " + checks.size() + " checks"
                    : "FAILED " + failed + " of " + checks.size() + " checks");
        }
        return failed == 0 ? 0 : Main.FAILED;
    }

    private static String number(double value) {
        return value == 0 ? "0" : String.format(Locale.ROOT, "%.1e", value);
    }

    private static JsonObject json(Device device, List<Outcome> outcomes, boolean passed) {
        JsonArray checks = new JsonArray();
        for (Outcome outcome : outcomes) {
            // JSON has no NaN.
            JsonObject check = Json.object("name", outcome.name(), "cases", outcome.cases(), "difference",
                    Double.isFinite(outcome.difference()) ? outcome.difference() : null, "tolerance",
                    outcome.tolerance(), "passed", outcome.passed());
            outcome.message().ifPresent(message -> check.addProperty("message", message));
            checks.add(check);
        }
        return Json.object("device", device.name(), "description", device.description(), "checks", checks, "passed",
                passed);
    }
}
