package org.charlstm.rank;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.cuda.NativeLibrary;

/** The MPI library, if possible the launcher's own; {@code missing} lists functions that it lacks. */
record MpiLibrary(NativeLibrary library, ObjIntConsumer<String> statuses, List<String> missing) {
    /** The library's name in Open MPI 4 and 5. */
    private static final String OPEN_MPI = "libmpi.so.40";
    private static final List<String> LAUNCHERS = List.of("mpirun", "mpiexec", "prterun", "prted", "orted", "orterun",
            "mpiexec.hydra", "hydra_pmi_proxy", "hydra_bstrap_proxy", "mpirun_rsh");

    static NativeLibrary find(ProcessLaunch launch) {
        // MPI often uses UCX, which handles signals as soon as it is loaded. The JVM needs these signals to detect null
        // pointers and to stop its threads.
        NativeLibrary.setEnvironmentIfMissing("UCX_ERROR_SIGNALS", "");
        List<String> names = switch (launch.launcher()) {
            // Processes that Open MPI's mpirun starts can find each other only through Open MPI.
            case OPEN_MPI -> List.of(OPEN_MPI);
            // The other names belong to MPICH and to libraries with the same binary interface.
            case PMI -> List.of("libmpi.so.12", "libmpich.so.12", OPEN_MPI);
            case NONE, PMIX, TORCHRUN -> List.of(OPEN_MPI, "libmpi.so.12", "libmpich.so.12");
        };
        return NativeLibrary.find(names, "CHARLSTM_LIBMPI", folders(launch));
    }

    /** The folders of the launcher's library: named by Open MPI's variable, or beside the launcher's programs. */
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

    /** A bound function. Its handle takes an array of all arguments and returns an object. */
    record Function(String name, MethodHandle spread, ObjIntConsumer<String> statuses) {
        void call(Object... arguments) {
            statuses.accept(name, invoke(arguments));
        }

        int invoke(Object... arguments) {
            try {
                return (int) (Object) spread.invokeExact(arguments);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(name + " threw", e);
            }
        }
    }

    /** Binds a function. {@code kinds} has a letter for each argument: i for int, l for long, p for a host pointer. */
    @SuppressWarnings("restricted")
    Function required(String name, String kinds) {
        FunctionDescriptor type = FunctionDescriptor.of(ValueLayout.JAVA_INT, kinds.chars()
                .mapToObj(kind -> switch (kind) {
                    case 'i' -> ValueLayout.JAVA_INT;
                    case 'l' -> ValueLayout.JAVA_LONG;
                    case 'p' -> ValueLayout.ADDRESS;
                    default -> throw new IllegalArgumentException("no argument is of kind " + (char) kind);
                }).toArray(MemoryLayout[]::new));
        MethodHandle handle = library.symbols().find(name)
                .map(address -> Linker.nativeLinker().downcallHandle(address, type)).orElseGet(() -> {
                    missing.add(name);
                    return Linker.nativeLinker().downcallHandle(type).bindTo(MemorySegment.NULL);
                });
        return new Function(name, handle.asType(handle.type().generic()).asSpreader(Object[].class, kinds.length()),
                statuses);
    }

    /** Refuses a library that lacks a function. */
    void requireAll(String hint) {
        Refuse.inputIf(!missing.isEmpty(), library.place() + " lacks " + String.join(", ", missing) + "; " + hint);
    }
}
