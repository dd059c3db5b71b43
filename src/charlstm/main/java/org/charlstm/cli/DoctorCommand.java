package org.charlstm.cli;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.base.Json;
import org.charlstm.base.Machine;
import org.charlstm.cli.options.DeviceOption;
import org.charlstm.cli.options.Subcommand;
import org.charlstm.cuda.CudaInstallation;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider;
import org.charlstm.device.DeviceProvider.Requirement;
import org.charlstm.device.Devices;
import org.charlstm.device.GpuOptions;
import org.charlstm.device.gpu.tools.ExcludedCandidates;
import org.charlstm.rank.Ranks;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "doctor", sortOptions = false,
        description = {"Prints which devices are here and why the others are not, with the libraries and versions that "
                + "were found and where, and which device --device auto takes; and what is here for several processes.",
            "Its exit code is 0 with or without a GPU."})
final class DoctorCommand extends Subcommand {
    @Mixin
    private DeviceOption.BindingOption binding;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Option(names = "--forget", description = "First forget which engines broke a GPU: auto leaves these out.")
    private boolean forget;

    record Device(String name, boolean here, @Nullable String whyNot, @Nullable String whyNotAuto,
            List<Requirement> findings) {
        static Device of(DeviceProvider provider, DeviceOptions options) {
            Optional<String> unavailable = provider.unavailable(options);
            Optional<String> passedOver = provider.passedOver(options);
            List<Requirement> findings = provider.requirements(options);
            // All libraries may be present although a trial of training failed.
            String whyNot = unavailable.or(() -> findings.stream()
                    .filter(finding -> finding.subject().equals(Requirement.ENGINE) && !finding.present())
                    .map(finding -> "it does not train: " + finding.text()).findFirst()).orElse(null);
            return new Device(provider.name(), whyNot == null, whyNot, passedOver.orElse(null), findings);
        }
    }

    @Override
    public Integer call() {
        if (forget) {
            int count = CudaInstallation.cache(System.getenv()).map(ExcludedCandidates::forget).orElse(0);
            console().say("charlstm: forgot " + count + (count == 1 ? " engine" : " engines") + " that broke a GPU");
        }
        DeviceOptions options = DeviceOptions.DEFAULT.with(GpuOptions.DEFAULT.with(binding.cudaBinding()));
        List<Device> devices = Devices.providers().stream().map(provider -> Device.of(provider, options)).toList();
        Optional<Device> automatic = devices.stream().filter(device -> device.whyNotAuto == null).findFirst();
        List<Requirement> ranks = Ranks.requirements();
        if (json) {
            console().json(Json.pretty(Json.of(new Everything(Machine.json(), devices, ranks,
                    automatic.map(Device::name).orElse(null)))));
        } else {
            console().line("%s", Machine.line());
            devices.forEach(this::print);
            console().line("");
            console().line("several processes:");
            ranks.forEach(this::print);
            console().line("");
            console().line("--device auto takes %s", automatic.map(device -> device.name
                    + (device.whyNot != null ? ", which does not train" : "")).orElse("none of them"));
        }
        return 0;
    }

    private void print(Device device) {
        console().line("");
        console().line("%s: %s", device.name, device.whyNot != null ? "not here"
                : device.whyNotAuto != null ? "here; auto passes it over, " + device.whyNotAuto : "here");
        if (device.findings.isEmpty() && device.whyNot != null) {
            console().line("  %s", device.whyNot);
        }
        device.findings.forEach(this::print);
    }

    private void print(Requirement finding) {
        console().line("  %-11s %s", finding.subject(), (finding.present() ? "" : "missing: ") + finding.text()
                + (finding.subject().equals(Requirement.LEFT_OUT) ? "; doctor --forget forgets it" : ""));
    }

    private record Everything(JsonObject machine, List<Device> devices, List<Requirement> ranks,
            @Nullable String auto) {
    }
}
