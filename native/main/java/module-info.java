import org.charlstm.cuda.StandIn;
import org.charlstm.cudasim.SimulatedLibraries;
import org.jspecify.annotations.NullMarked;

/**
 * The simulated GPU, which tests programs for NVIDIA GPUs without a GPU, and a JUnit extension for such tests. Only the
 * extension needs JUnit.
 */
@NullMarked
module org.charlstm.cudasim {
    requires transitive org.charlstm.cuda;
    requires static org.jspecify;
    requires static transitive org.junit.jupiter.api;

    exports org.charlstm.cudasim.junit;

    provides StandIn with SimulatedLibraries;
}
