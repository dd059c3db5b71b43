package outside;

import module java.base;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.CudnnRnn;
import org.charlstm.cuda.Grid;
import org.charlstm.cuda.RnnDescription;
import org.charlstm.cuda.SimulatedGpu;

/** A program of somebody else's, which opens things and closes none. */
public final class Forgetful {
    private final List<String> opened = new ArrayList<>();

    /** Notes that the line before has opened something. */
    private void note(String what) {
        int line = StackWalker.getInstance().walk(frames -> frames.skip(1).findFirst().orElseThrow().getLineNumber());
        opened.add(what + ", opened at Forgetful.java:" + (line - 1));
    }

    /** A few things; what a warning has to say of each. */
    public List<String> few(Cuda gpu) {
        gpu.floats(1, 2).view(0, 1);
        note("a buffer of 2 elements of float32");
        gpu.pinned(CudaType.INT32, 3);
        note("pinned memory for 3 elements of int");
        gpu.newStream(0);
        note("a stream");
        gpu.newEvent();
        note("an event");
        return List.copyOf(opened);
    }

    /** One of each kind, in the order of the list. */
    public List<String> all(Cuda gpu, byte[] id) {
        few(gpu);
        gpu.load("kernels", SimulatedGpu.builtIn()).kernel("add").prepare(Grid.of(1, 1));
        note("module kernels");
        gpu.newStopwatch().mark();
        note("a stopwatch");
        gpu.record(() -> {});
        note("a graph");
        CudnnRnn rnn = gpu.rnn(RnnDescription.gru(1, 1), CudnnRnn.Shape.of(1, 1, true));
        note("a recurrent network");
        rnn.newSpace();
        note("a space of a recurrent network");
        gpu.join(id, 1, 0);
        note("a communicator");
        return List.copyOf(opened);
    }
}
