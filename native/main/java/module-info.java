import org.charlstm.cuda.StandIn;
import org.charlstm.cudasim.SimulatedGpu;
import org.jspecify.annotations.NullMarked;

/** The simulated GPU, on which programs for NVIDIA GPUs are tested without one. */
@NullMarked
module org.charlstm.cudasim {
    requires org.charlstm.cuda;
    requires static org.jspecify;

    provides StandIn with SimulatedGpu;
}
