package org.charlstm.rank;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;
import org.charlstm.cuda.CudaInstallation;
import org.charlstm.cuda.NativeLibrary;
import org.charlstm.cuda.NcclCommunicator;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceProvider.Requirement;
import org.charlstm.device.Matrix;
import org.charlstm.device.gpu.GpuDevice;
import org.charlstm.device.gpu.tools.GpuContext;

/** Joins the processes that a launcher started, and tells which libraries are available for this. */
public final class Ranks {
    /** The default time that a rank may keep the others waiting. */
    public static final Duration TIMEOUT = Duration.ofMinutes(5);
    /** The time that one piece of work between steps may take: writing a large state to a slow disk takes minutes. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** Joins the other processes of a launch through MPI. For a single process no library is opened. */
    public static Collective open(ProcessLaunch launch, Duration timeout) {
        return open(launch, timeout, PATIENCE);
    }

    static Collective open(ProcessLaunch launch, Duration timeout, Duration patience) {
        if (!launch.several()) {
            return Collective.single();
        }
        Refuse.inputIf(launch.launcher() == ProcessLaunch.Launcher.TORCHRUN,
                "torchrun started " + launch.size() + " processes, which find each other only through NCCL, on GPUs; "
                        + "elsewhere start them with mpirun");
        NativeLibrary found;
        try {
            found = MpiLibrary.find(launch);
        } catch (CharlstmException e) {
            throw new CharlstmException(launch.launcher().title() + " started this process, and its MPI is not here: "
                    + e.getMessage(), e);
        }
        return new MpiCollective(new Mpi(found), launch, timeout, patience);
    }

    /** Joins the other processes of a launch, each with a device: through NCCL under torchrun, else through MPI. */
    public static Collective open(ProcessLaunch launch, Duration timeout, Device device) {
        if (launch.several() && launch.launcher() == ProcessLaunch.Launcher.TORCHRUN
                && device instanceof GpuDevice gpu) {
            String address = NcclCollective.address(Objects.requireNonNull(System.getenv("MASTER_ADDR")),
                    Objects.requireNonNull(System.getenv("MASTER_PORT")));
            return new NcclCollective(gpu.context(), launch, address, timeout);
        }
        return open(launch, timeout);
    }

    /** Sums by NCCL if every rank has a GPU and NCCL, else through host memory. All ranks call this, and outlive it. */
    public static AllReduce sum(Collective ranks, Device device) {
        if (ranks instanceof NcclCollective gpus) {
            return gpus.sum;
        }
        double[] having = {hasNccl(device) ? 1 : 0};
        ranks.sum(having);
        if (ranks.size() == 1 || having[0] < ranks.size()) {
            return new HostAllReduce(ranks);
        }
        GpuContext context = ((GpuDevice) device).context();
        byte[] id = ranks.rank() == 0 ? NcclCommunicator.newId(context.cuda().installation()) : new byte[0];
        NcclAllReduce sum = new NcclAllReduce(context, ranks.size(), ranks.broadcast(id), ranks.rank(), false);
        if (ranks instanceof MpiCollective mpi) {
            mpi.stalls.unblocker.set(sum::abort);
        }
        return sum;
    }

    private record HostAllReduce(Collective ranks) implements AllReduce {
        @Override
        public String carrier() {
            return ranks.carrier();
        }

        @Override
        public void sum(Matrix flat) {
            flat.change(ranks::sum);
        }

        @Override
        public void close() {
            // The owner closes the ranks.
        }
    }

    private static boolean hasNccl(Device device) {
        try {
            return device instanceof GpuDevice gpu && !gpu.libraries().ncclOfGpus().place().isEmpty();
        } catch (CharlstmException e) {
            return false;
        }
    }

    /** Reports the launcher that started this process, and the libraries that can carry sums between processes. */
    public static List<Requirement> requirements() {
        return List.of(finding("launcher", () -> {
            ProcessLaunch launch = ProcessLaunch.here();
            return launch.launcher().title() + (launch.several() ? ": rank " + launch.rank()
                    + (launch.size() < 0 ? "" : " of " + launch.size()) : "");
        }), finding("MPI", () -> {
            Mpi found = new Mpi(MpiLibrary.find(ProcessLaunch.here()));
            return found.title() + ", " + found.place;
        }), finding("NCCL", () -> CudaInstallation.nccl().toString()));
    }

    private static Requirement finding(String subject, Supplier<String> text) {
        try {
            return new Requirement(subject, true, text.get());
        } catch (CharlstmException e) {
            return new Requirement(subject, false, e.getMessage());
        }
    }
}
