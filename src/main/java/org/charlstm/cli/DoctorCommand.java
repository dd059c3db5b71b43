package org.charlstm.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Optional;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider;
import org.charlstm.device.DeviceProvider.Requirement;
import org.charlstm.device.Devices;
import org.charlstm.device.GpuOptions;
import org.charlstm.io.Json;
import org.charlstm.rank.Ranks;
import org.charlstm.run.Machine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code charlstm doctor}. */
@Command(name = "doctor", sortOptions = false,
        description = {"Prints which devices are here and why the others are not, with the libraries and versions that "
                + "were found and where, and which device --device auto takes; and what is here for several processes.",
            "Its exit code is 0 with or without a GPU."})
final class DoctorCommand extends Subcommand {
    @Mixin
    private DeviceOption.Binding binding;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    /** One device as it is here. */
    record Device(String name, Optional<String> unavailable, Optional<String> passedOver,
            List<Requirement> findings) {
        static Device of(DeviceProvider provider, DeviceOptions options) {
            Optional<String> unavailable = provider.unavailable(options);
            Optional<String> passedOver = provider.passedOver(options);
            List<Requirement> findings = provider.requirements(options);
            return new Device(provider.name(), unavailable.or(() -> untrained(findings)), passedOver, findings);
        }

        /** Why what all its libraries are here for does not work, where that was tried. */
        private static Optional<String> untrained(List<Requirement> findings) {
            return findings.stream()
                    .filter(finding -> finding.subject().equals(Requirement.ENGINE) && !finding.present())
                    .map(finding -> "it does not train: " + finding.text()).findFirst();
        }
    }

    @Override
    public Integer call() {
        DeviceOptions options = DeviceOptions.DEFAULT.with(GpuOptions.DEFAULT.with(binding.chosen()));
        List<Device> devices = Devices.providers().stream().map(provider -> Device.of(provider, options)).toList();
        Optional<Device> automatic = devices.stream().filter(device -> device.passedOver.isEmpty()).findFirst();
        List<Requirement> ranks = Ranks.requirements();
        if (json) {
            console().json(Json.pretty(json(devices, ranks, automatic)));
        } else {
            console().line("%s", Machine.line());
            devices.forEach(this::print);
            console().line("");
            console().line("several processes:");
            ranks.forEach(this::print);
            console().line("");
            console().line("--device auto takes %s", automatic.map(device -> device.name
                    + (device.unavailable.isPresent() ? ", which does not train" : "")).orElse("none of them"));
        }
        return 0;
    }

    private void print(Device device) {
        console().line("");
        console().line("%s: %s", device.name, device.unavailable.isPresent() ? "not here"
                : device.passedOver.map(reason -> "here; auto passes it over, " + reason).orElse("here"));
        if (device.findings.isEmpty()) {
            device.unavailable.ifPresent(reason -> console().line("  %s", reason));
        }
        device.findings.forEach(this::print);
    }

    private void print(Requirement finding) {
        console().line("  %-11s %s", finding.subject(),
                finding.present() ? finding.text() : "missing: " + finding.text());
    }

    private static JsonArray json(List<Requirement> findings) {
        JsonArray array = new JsonArray();
        for (Requirement finding : findings) {
            JsonObject one = new JsonObject();
            one.addProperty("subject", finding.subject());
            one.addProperty("present", finding.present());
            one.addProperty("text", finding.text());
            array.add(one);
        }
        return array;
    }

    private static JsonObject json(List<Device> devices, List<Requirement> ranks, Optional<Device> automatic) {
        JsonArray all = new JsonArray();
        for (Device device : devices) {
            JsonObject object = new JsonObject();
            object.addProperty("name", device.name);
            object.addProperty("here", device.unavailable.isEmpty());
            object.addProperty("why_not", device.unavailable.orElse(null));
            object.addProperty("why_not_auto", device.passedOver.orElse(null));
            object.add("findings", json(device.findings));
            all.add(object);
        }
        JsonObject json = new JsonObject();
        json.add("machine", Machine.json());
        json.add("devices", all);
        json.add("ranks", json(ranks));
        json.addProperty("auto", automatic.map(Device::name).orElse(null));
        return json;
    }
}
