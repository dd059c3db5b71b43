package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Binding;
import org.charlstm.cuda.jcuda.JcudaBinding;
import org.charlstm.cuda.panama.PanamaBinding;
import org.jspecify.annotations.Nullable;

/**
 * The libraries that this process uses: NVIDIA's or the simulated GPU's, never both, since the loader keeps the first
 * library of a name. Both bindings may be used, since they call the same libraries.
 */
public final class CudaProcess {
    private static final String DRIVER = "libcuda.so.1";

    private static final Map<Kind, Map<Binding, CudaLibraries>> LIBRARIES = new EnumMap<>(Kind.class);
    /** The libraries in use; null until a driver has opened. */
    private static @Nullable Opened opened;

    private record Opened(CudaLibraries libraries, Path driver) {
    }

    private CudaProcess() {
    }

    /** The owner of the libraries. */
    public enum Kind {
        /** NVIDIA's libraries, wherever they are. */
        REAL,
        /** The simulated GPU's libraries, where {@link StandIns} finds them. */
        SIMULATED;

        /** The file or name of the driver. */
        private Path driver() {
            String explicit = System.getenv().getOrDefault("CHARLSTM_LIBCUDA", "");
            return this == SIMULATED ? StandIns.folder().resolve(DRIVER)
                    : explicit.isEmpty() ? Path.of(DRIVER) : LibrarySearch.path("CHARLSTM_LIBCUDA", explicit);
        }

        private LibrarySearch files() {
            return this == SIMULATED ? new LibrarySearch(Optional.of(StandIns.folder()))
                    : LibrarySearch.OF_MACHINE;
        }
    }

    /** The bindings, the preferred one first. */
    public static List<Binding> bindings() {
        return List.of(Binding.PANAMA, Binding.JCUDA);
    }

    /**
     * The libraries through the requested binding. AUTO takes the first binding that finds the driver and cuBLAS, or
     * else the preferred binding. Without JCuda's jars AUTO takes Panama, and libraries are searched only when used.
     */
    public static CudaLibraries libraries(Kind kind, Binding binding) {
        if (binding != Binding.AUTO) {
            return through(kind, binding);
        }
        if (!JcudaBinding.isOnClassPath()) {
            return through(kind, Binding.PANAMA);
        }
        return through(kind, bindings().stream()
                .filter(name -> serves(kind, name))
                .findFirst().orElse(bindings().getFirst()));
    }

    private static boolean serves(Kind kind, Binding binding) {
        try {
            return !through(kind, binding).cublas().place().isEmpty();
        } catch (CharlstmException e) {
            return false;
        }
    }

    private static synchronized CudaLibraries through(Kind kind, Binding binding) {
        if (opened != null && !opened.driver.equals(kind.driver())) {
            throw new CharlstmException("this process uses " + opened.libraries.driver().place()
                    + "; a process is simulated or real, never both");
        }
        CudaLibraries libraries = LIBRARIES.computeIfAbsent(kind, each -> new EnumMap<>(Binding.class))
                .computeIfAbsent(binding, name -> unopened(name, kind.files()));
        // Only an open driver fixes the choice; a missing driver leaves it open.
        libraries.driver();
        if (opened == null) {
            opened = new Opened(libraries, kind.driver());
        }
        return libraries;
    }

    /** Libraries through a binding; none is open yet. */
    public static CudaLibraries unopened(Binding binding, LibrarySearch files) {
        return new CudaLibraries(switch (binding) {
            case AUTO, PANAMA -> new PanamaBinding();
            case JCUDA -> new JcudaBinding();
        }, files);
    }
}
