package org.charlstm.device.gpu;

import java.util.Objects;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaDriver;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Cudnn;
import org.charlstm.cuda.Cudnn.RnnCall;
import org.charlstm.cuda.Resources;
import org.charlstm.cuda.RnnAlgorithm;
import org.charlstm.device.Ints;
import org.charlstm.device.Lstm;
import org.charlstm.device.Lstm.Input;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.Shapes;
import org.jspecify.annotations.Nullable;

/** The LSTM through cuDNN, which takes numbers; for ids a kernel writes one-hot vectors. */
final class CudnnLstm implements Lstm {
    private static final Cudnn.State NO_STATE = new Cudnn.State(0, 0);

    private final CudnnEngine.Handle at;
    private final CudaContext context;
    private final Kernels kernels;
    private final CudaType type;
    private final Lstm.Shape shape;
    private final long weightBytes;
    private final Descriptors descriptors;
    private final CudaBuffer work;
    private final CudaBuffer reserve;
    private final CudnnWeights parameters;
    private final long rows;
    /** One-hot vectors, and in training their gradient; null where the input is numbers. */
    private final @Nullable CudaBuffer oneHot;
    private final @Nullable CudaBuffer oneHotGradient;
    /** A copy of the first state, whose own buffers receive the last state. */
    private final CudaBuffer firstHidden;
    private final CudaBuffer firstCell;
    private boolean startsAtZero;

    /**
     * cuDNN's algorithms for the two directions, which may differ: PyTorch goes forward by the one for few units, and
     * backward by the standard one where there are more units than the former goes backward over.
     *
     * @param backward runs on what the forward pass kept
     */
    record Algorithms(RnnAlgorithm forward, RnnAlgorithm backward) {
        String title() {
            return forward.title() + (backward == forward ? "" : " with " + backward.title() + " backward");
        }
    }

    /** cuDNN's descriptors for the shape, its algorithms and its temporary space. */
    private record Descriptors(long x, long y, long state, long forward, long backward, Cudnn.TemporarySpace space) {
    }

    /** An LSTM whose spaces and descriptors live as long as a memory, for weights that begin at an offset. */
    CudnnLstm(CudnnEngine.Handle at, Kernels kernels, GpuMemory memory, CudnnWeights.Layout layout, Lstm.Shape shape,
            Algorithms algorithms, int offset) {
        this.at = at;
        this.kernels = kernels;
        this.shape = shape;
        context = at.context();
        type = layout.type();
        weightBytes = layout.bytes();
        Resources resources = new Resources();
        try {
            descriptors = describe(algorithms, resources);
            work = memory.forPurpose("cuDNN workspace").workspace(descriptors.space.work());
            reserve = memory.forPurpose("cuDNN reserve space").workspace(descriptors.space.reserve());
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
        memory.own(resources::close);
        parameters = new CudnnWeights(kernels, memory, layout, offset, shape.training());
        rows = shape.rows();
        GpuMemory inputs = memory.forPurpose("one-hot input");
        long bytes = type.bytes() * rows * shape.input().columns();
        oneHot = shape.input().ids() ? inputs.workspace(bytes) : null;
        oneHotGradient = shape.input().ids() && shape.training() ? inputs.workspace(bytes) : null;
        firstHidden = memory.forPurpose("state").workspace(stateBytes());
        firstCell = memory.forPurpose("state").workspace(stateBytes());
    }

    private Descriptors describe(Algorithms algorithms, Resources resources) {
        Cudnn cudnn = at.cudnn();
        long x = cudnn.createSequence(type, shape.steps(), shape.batch(), shape.input().columns());
        resources.add(() -> cudnn.destroySequence(x));
        long y = cudnn.createSequence(type, shape.steps(), shape.batch(), shape.hidden());
        resources.add(() -> cudnn.destroySequence(y));
        long state = cudnn.createState(type, shape.layers().count(), shape.batch(), shape.hidden());
        resources.add(() -> cudnn.destroyState(state));
        long forward = network(algorithms.forward, resources);
        long backward = !shape.training() || algorithms.backward == algorithms.forward ? forward
                : network(algorithms.backward, resources);
        Cudnn.TemporarySpace there = cudnn.temporarySpace(at.handle(), forward, shape.training(), x);
        Cudnn.TemporarySpace back = backward == forward ? there
                : cudnn.temporarySpace(at.handle(), backward, shape.training(), x);
        return new Descriptors(x, y, state, forward, backward, new Cudnn.TemporarySpace(
                Math.max(there.work(), back.work()), Math.max(there.reserve(), back.reserve())));
    }

    private long network(RnnAlgorithm algorithm, Resources resources) {
        long rnn = at.createRnn(algorithm, shape.layers(), resources);
        if (algorithm == RnnAlgorithm.PERSIST_DYNAMIC) {
            at.cudnn().buildDynamic(at.handle(), rnn, shape.batch());
        }
        return rnn;
    }

    private RnnCall call(long rnn) {
        return new RnnCall(at.handle(), rnn, descriptors.x, descriptors.y, descriptors.state, weightBytes,
                parameters.pointer(), descriptors.space.work(), work.pointer(),
                shape.training() ? descriptors.space.reserve() : 0, shape.training() ? reserve.pointer() : 0);
    }

    private long stateBytes() {
        return (long) type.bytes() * shape.layers().count() * shape.batch() * shape.hidden();
    }

    private long x(Input input) {
        return switch (input) {
            case Input.Dense(Matrix matrix) -> GpuMatrix.of(matrix).pointer();
            case Input.Ids _ -> Objects.requireNonNull(oneHot, "ids have one-hot vectors").pointer();
        };
    }

    /** The pointer to h or c of a state. */
    private long pointer(Matrix ofState) {
        return GpuMatrix.of(ofState, shape.layers().count() * shape.batch(), shape.hidden()).pointer();
    }

    @Override
    public void forward(Matrix weights, Input input, Lstm.@Nullable State state, Matrix output) {
        Shapes.input(input, shape);
        long y = GpuMatrix.of(output, shape.rows(), shape.hidden()).pointer();
        startsAtZero = state == null;
        if (input instanceof Input.Ids(Ints ids)) {
            int symbols = shape.input().columns();
            kernels.each(Kernel.ONE_HOT, rows * symbols, GpuInts.pointer(ids), x(input), symbols,
                    (int) (rows * symbols), type.bf16());
        }
        parameters.pack(GpuMatrix.of(weights));
        Cudnn.State first = NO_STATE;
        Cudnn.State last = NO_STATE;
        if (state != null) {
            first = new Cudnn.State(firstHidden.pointer(), firstCell.pointer());
            last = new Cudnn.State(pointer(state.hidden()), pointer(state.cell()));
            CudaDriver driver = context.driver();
            driver.copy(first.h(), last.h(), stateBytes(), context.stream());
            driver.copy(first.c(), last.c(), stateBytes(), context.stream());
        }
        at.cudnn().forward(call(descriptors.forward), shape.training(), x(input), y, first, last);
    }

    @Override
    public void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient,
            @Nullable Matrix inputGradient, Lstm.@Nullable State stateGradient, Matrix gradients) {
        Shapes.backward(input, inputGradient, shape);
        long dx = inputGradient == null
                ? Objects.requireNonNull(oneHotGradient, "one-hot vectors have a gradient in training").pointer()
                : GpuMatrix.of(inputGradient).pointer();
        long y = GpuMatrix.of(output, shape.rows(), shape.hidden()).pointer();
        long dy = GpuMatrix.of(outputGradient, shape.rows(), shape.hidden()).pointer();
        Cudnn.State first = startsAtZero ? NO_STATE : new Cudnn.State(firstHidden.pointer(), firstCell.pointer());
        Cudnn.State firstGradient = stateGradient == null ? NO_STATE
                : new Cudnn.State(pointer(stateGradient.hidden()), pointer(stateGradient.cell()));
        long dw = parameters.zeroGradients();
        Cudnn cudnn = at.cudnn();
        RnnCall call = call(descriptors.backward);
        cudnn.backwardData(call, y, dy, dx, first, firstGradient);
        cudnn.backwardWeights(call, x(input), first.h(), y, dw);
        parameters.unpackGradients(GpuMatrix.of(gradients));
    }
}
