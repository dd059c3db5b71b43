package org.charlstm.rank;

import module java.base;
import org.charlstm.CharlstmException;

/** How this process was started, read from its environment. A number is -1 if only the library knows it. */
public record ProcessLaunch(Launcher launcher, int rank, int size, int localRank) {
    public enum Launcher {
        /** No launcher: a single process. */
        NONE("by itself"),
        OPEN_MPI("mpirun of Open MPI"),
        /** The mpiexec of MPICH or of a library derived from it, or Slurm's srun with PMI. */
        PMI("a launcher that speaks PMI, such as MPICH's mpiexec"),
        /** Slurm's srun or another launcher that speaks PMIx. */
        PMIX("a launcher that speaks PMIx, such as srun --mpi=pmix"),
        TORCHRUN("torchrun");

        private final String title;

        Launcher(String title) {
            this.title = title;
        }

        public String title() {
            return title;
        }
    }

    public static ProcessLaunch here() {
        return of(System.getenv());
    }

    /** Reads an environment. Variables of MPI's own launchers come first, since these may run within a Slurm job. */
    static ProcessLaunch of(Map<String, String> environment) {
        if (environment.containsKey("OMPI_COMM_WORLD_SIZE")) {
            return of(environment, Launcher.OPEN_MPI, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE",
                    "OMPI_COMM_WORLD_LOCAL_RANK");
        }
        String local = environment.containsKey("MPI_LOCALRANKID") ? "MPI_LOCALRANKID" : "SLURM_LOCALID";
        if (environment.containsKey("PMI_RANK")) {
            return of(environment, Launcher.PMI, "PMI_RANK", "PMI_SIZE", local);
        }
        if (environment.containsKey("PMIX_RANK")) {
            return of(environment, Launcher.PMIX, "PMIX_RANK", "SLURM_STEP_NUM_TASKS", local);
        }
        if (environment.containsKey("WORLD_SIZE") && environment.containsKey("RANK")
                && environment.containsKey("MASTER_ADDR") && environment.containsKey("MASTER_PORT")) {
            return of(environment, Launcher.TORCHRUN, "RANK", "WORLD_SIZE", "LOCAL_RANK");
        }
        if (number(environment, "SLURM_STEP_NUM_TASKS") > 1) {
            throw new CharlstmException("srun started " + environment.get("SLURM_STEP_NUM_TASKS") + " processes that "
                    + "cannot find each other; start them with srun --mpi=pmix, or --mpi=pmi2 for MPICH");
        }
        return new ProcessLaunch(Launcher.NONE, 0, 1, 0);
    }

    private static ProcessLaunch of(Map<String, String> environment, Launcher launcher, String rank, String size,
            String localRank) {
        return new ProcessLaunch(launcher, number(environment, rank), number(environment, size),
                number(environment, localRank));
    }

    private static int number(Map<String, String> environment, String name) {
        String value = environment.get(name);
        if (value == null) {
            return -1;
        }
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new CharlstmException(name + " is '" + value + "' and not a number; whoever started this process set "
                    + "it", e);
        }
    }

    /** The ancestors of this process, its parent first. */
    static Stream<ProcessHandle> ancestors() {
        return Stream.iterate(ProcessHandle.current().parent(), Optional::isPresent,
                process -> process.flatMap(ProcessHandle::parent)).flatMap(Optional::stream);
    }

    /** The name of this host, for messages. */
    public static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    /** Whether this process is, or may be, one of several. */
    public boolean several() {
        return launcher != Launcher.NONE && size != 1;
    }
}
