import org.jspecify.annotations.NullMarked;

/**
 * A kernel library for NVIDIA GPUs. It needs nothing but Java; JCuda, where it is there, is a second way to NVIDIA's
 * libraries.
 */
@NullMarked
@SuppressWarnings("requires-automatic")
module org.charlstm.cuda {
    requires static jcublas;
    requires static jcuda;
    requires static jcudnn;
    requires static org.jspecify;

    exports org.charlstm;
    exports org.charlstm.cuda;

    uses org.charlstm.cuda.StandIn;
}
