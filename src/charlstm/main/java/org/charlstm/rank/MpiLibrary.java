package org.charlstm.rank;

import module java.base;
import org.charlstm.cuda.NativeLibrary;

/** Finds the library of MPI: the launcher's own, where the environment or the process tree tells it. */
final class MpiLibrary {
    private static final String SETTING = "CHARLSTM_LIBMPI";
    /** The first is Open MPI's, 4 and 5; the next are those of MPICH and of all that keep to its binary interface. */
    private static final List<String> OPEN_MPI = List.of("libmpi.so.40");
    private static final List<String> MPICH = List.of("libmpi.so.12", "libmpich.so.12");
    private static final List<String> LAUNCHERS = List.of("mpirun", "mpiexec", "prterun", "prted", "orted", "orterun",
            "mpiexec.hydra", "hydra_pmi_proxy", "hydra_bstrap_proxy", "mpirun_rsh");

    /** The library for a launcher. */
    static NativeLibrary find(ProcessLaunch launch) {
        // MPI often stands on UCX, which takes signals as soon as it is loaded; the JVM needs them to find null and to
        // stop its threads.
        NativeLibrary.setEnvironmentIfMissing("UCX_ERROR_SIGNALS", "");
        List<String> names = switch (launch.launcher()) {
            // Processes that Open MPI's mpirun starts find each other through no other library.
            case OPEN_MPI -> OPEN_MPI;
            case PMI -> both(MPICH, OPEN_MPI);
            case NONE, PMIX, TORCHRUN -> both(OPEN_MPI, MPICH);
        };
        return NativeLibrary.find(names, SETTING, folders(launch));
    }

    private static List<String> both(List<String> first, List<String> then) {
        return Stream.concat(first.stream(), then.stream()).toList();
    }

    /** The folders of the launcher's library: Open MPI names its own, others lie beside their programs. */
    private static List<Path> folders(ProcessLaunch launch) {
        List<Path> folders = new ArrayList<>();
        if (launch.launcher() == ProcessLaunch.Launcher.OPEN_MPI) {
            Optional.ofNullable(System.getenv("OMPI_LIBDIR_LOC")).filter(folder -> !folder.isEmpty())
                    .map(folder -> NativeLibrary.path("OMPI_LIBDIR_LOC", folder)).ifPresent(folders::add);
        }
        if (launch.launcher() != ProcessLaunch.Launcher.NONE) {
            ProcessLaunch.ancestors().flatMap(process -> process.info().command().stream()).map(Path::of)
                    .filter(program -> LAUNCHERS.contains(program.getFileName().toString()))
                    .map(program -> program.resolveSibling("..").normalize())
                    .forEach(prefix -> {
                        folders.add(prefix.resolve("lib"));
                        folders.add(prefix.resolve("lib64"));
                    });
        }
        return folders;
    }
}
