package org.charlstm.cli.options;

import module java.base;
import org.charlstm.cli.console.Interruption;
import org.charlstm.cli.options.TrainOption.Resumed;
import org.charlstm.cli.options.TrainOption.Section;
import org.charlstm.device.Device;
import org.charlstm.rank.Collective;
import org.charlstm.rank.ProcessLaunch;
import org.charlstm.rank.Ranks;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of a command that runs in several processes, started by a launcher. */
public final class RankOptions {
    @Option(names = "--rank-timeout", paramLabel = "SECONDS", converter = Converters.FromOne.class,
            description = "Of several ranks, started by mpirun, srun or torchrun: how long one may keep the others "
                    + "waiting before all end. Default: 300.")
    @TrainOption(section = Section.PROCESSES, resumed = Resumed.FREE)
    private @Nullable Integer timeout;

    /** The ranks, and this rank's device, which the caller closes. */
    public record Joined(Collective ranks, Device device) {
    }

    /** Whether this process is the rank that prints and writes. */
    public boolean isFirst() {
        ProcessLaunch launch = ProcessLaunch.here();
        return !launch.several() || launch.rank() <= 0;
    }

    /** Joins the other ranks, with a device of this rank's own. Callers close the ranks only if all goes well. */
    public Joined join(DeviceOption device) {
        ProcessLaunch launch = ProcessLaunch.here();
        if (!launch.several()) {
            return new Joined(Collective.single(), device.open());
        }
        Duration limit = timeout == null ? Ranks.TIMEOUT : Duration.ofSeconds(timeout);
        if (launch.launcher() == ProcessLaunch.Launcher.TORCHRUN) {
            // With torchrun, the ranks find each other through their GPUs.
            Device opened = device.open(0, gpu(launch.localRank()));
            return new Joined(Ranks.open(launch, limit, opened), opened);
        }
        Collective ranks = Ranks.open(launch, limit);
        Interruption.endAll(ranks);
        return new Joined(ranks, device.open(threads(ranks), gpu(ranks.localRank())));
    }

    /** The number of this rank's GPU. If the launcher shows each rank only one GPU, the number is always 0. */
    private static int gpu(int localRank) {
        String visible = Objects.requireNonNullElse(System.getenv("CUDA_VISIBLE_DEVICES"), "");
        return visible.isEmpty() || visible.indexOf(',') >= 0 ? Math.max(0, localRank) : 0;
    }

    /**
     * This rank's share of the processors that it may use, divided among the ranks that may use the same processors.
     */
    private static int threads(Collective ranks) {
        String place = ranks.hosts().get(ranks.rank()) + " " + processors();
        List<byte[]> places = ranks.gather(place.getBytes(StandardCharsets.UTF_8));
        long sharing = places.stream().filter(each -> new String(each, StandardCharsets.UTF_8).equals(place)).count();
        return (int) Math.max(1, Runtime.getRuntime().availableProcessors() / sharing);
    }

    /** The processors that this process may use, in Linux's format. */
    private static String processors() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("Cpus_allowed_list:")).findFirst().orElse("");
        } catch (IOException e) {
            return "";
        }
    }
}
