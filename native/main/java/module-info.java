import org.charlstm.cuda.StandIn;
import org.charlstm.cudasim.SimulatedLibraries;
import org.jspecify.annotations.NullMarked;

/**
 * The simulated GPU, on which programs for NVIDIA GPUs are tested without one, and an extension of JUnit for such
 * tests. JUnit need not be there otherwise.
 */
@NullMarked
module org.charlstm.cudasim {
    requires transitive org.charlstm.cuda;
    requires static org.jspecify;
    requires static transitive org.junit.jupiter.api;

    exports org.charlstm.cudasim.junit;

    provides StandIn with SimulatedLibraries;
}
