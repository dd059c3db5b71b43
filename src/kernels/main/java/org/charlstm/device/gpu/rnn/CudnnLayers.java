package org.charlstm.device.gpu.rnn;

import java.util.Objects;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.CudnnRnn;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.Resources;
import org.charlstm.cuda.RnnAlgorithm;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.gpu.tools.EarlyLaunches;
import org.charlstm.device.gpu.tools.GpuInts;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;
import org.charlstm.device.host.Shapes;
import org.jspecify.annotations.Nullable;

/** Recurrent layers through cuDNN. cuDNN takes numbers, so a kernel turns ids into one-hot vectors. */
final class CudnnLayers implements Rnn {
    private final Kernels kernels;
    private final EarlyLaunches early;
    private final CudaType type;
    private final Rnn.Shape shape;
    private final CudnnRnn forward;
    private final CudnnRnn backward;
    private final CudnnRnn.Space space;
    private final CudnnWeights parameters;
    private final long rows;
    /** One-hot vectors, and in training their gradient; null if the input is numbers. */
    private final @Nullable CudaBuffer oneHot;
    private final @Nullable CudaBuffer oneHotGradient;
    /** A copy of the first state; the state's own buffers receive the last state. */
    private final CudnnRnn.State copied;
    private boolean startsAtZero;

    /**
     * cuDNN's algorithms for the forward and the backward pass. The algorithm for few units takes fewer units backward
     * than forward; for more units, PyTorch combines its forward pass with the standard backward pass.
     */
    record Algorithms(RnnAlgorithm forward, RnnAlgorithm backward) {
        String title() {
            return forward.title() + (backward == forward ? "" : " with " + backward.title() + " backward");
        }
    }

    /** Layers whose spaces and descriptors live as long as {@code memory}; their weights begin at an offset. */
    CudnnLayers(GpuTools tools, GpuMemory memory, CudnnWeights.Layout layout, Rnn.Shape shape, Algorithms algorithms,
            int offset) {
        kernels = tools.kernels();
        early = tools.context().early();
        Cuda cuda = tools.context().cuda();
        Precision precision = tools.products().precision();
        this.shape = shape;
        type = layout.type();
        CudnnRnn.Shape sizes = CudnnRnn.Shape.of(shape.steps(), shape.batch(), shape.training());
        Resources resources = new Resources();
        try {
            forward = cuda.rnn(CudnnEngine.described(shape.layers(), algorithms.forward, precision), sizes);
            resources.add(forward::close);
            if (!shape.training() || algorithms.backward == algorithms.forward) {
                backward = forward;
            } else {
                backward = cuda.rnn(CudnnEngine.described(shape.layers(), algorithms.backward, precision), sizes);
                resources.add(backward::close);
            }
            space = forward.newSpace(backward);
            resources.add(space::close);
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
        memory.own(resources::close);
        parameters = new CudnnWeights(kernels, memory, layout, offset, shape.training());
        rows = shape.rows();
        GpuMemory inputs = memory.forPurpose("one-hot input");
        long count = rows * shape.input().columns();
        oneHot = shape.input().ids() ? inputs.workspace(type, count) : null;
        oneHotGradient = shape.input().ids() && shape.training() ? inputs.workspace(type, count) : null;
        GpuMemory states = memory.forPurpose("state");
        copied = new CudnnRnn.State(states.workspace(type, stateCount()),
                shape.layers().cell().hasCell() ? states.workspace(type, stateCount()) : null);
    }

    private long stateCount() {
        return (long) shape.layers().count() * shape.batch() * shape.hidden();
    }

    private CudaBuffer x(Input input) {
        return switch (input) {
            case Input.Dense(Matrix matrix) -> GpuMatrix.of(matrix).buffer();
            case Input.Ids _ -> Objects.requireNonNull(oneHot, "ids have one-hot vectors");
        };
    }

    private CudaBuffer output(Matrix matrix) {
        return GpuMatrix.of(matrix, shape.rows(), shape.hidden()).buffer();
    }

    private CudnnRnn.State state(Rnn.@Nullable State of) {
        return of == null ? CudnnRnn.State.NONE : new CudnnRnn.State(buffer(of.hidden()),
                of.cell() == null ? null : buffer(of.cell()));
    }

    private CudaBuffer buffer(Matrix ofState) {
        return GpuMatrix.of(ofState, shape.layers().count() * shape.batch(), shape.hidden()).buffer();
    }

    private CudnnRnn.State first() {
        return startsAtZero ? CudnnRnn.State.NONE : copied;
    }

    @Override
    public void forward(Matrix weights, Input input, Rnn.@Nullable State state, Matrix output) {
        Shapes.input(input, shape);
        Shapes.state(state, shape);
        CudaBuffer y = output(output);
        startsAtZero = state == null;
        if (input instanceof Input.Ids(Ints ids)) {
            int symbols = shape.input().columns();
            kernels.each(Kernel.ONE_HOT, rows * symbols, GpuInts.pointer(ids), x(input).pointer(), symbols,
                    (int) (rows * symbols), type.bf16());
        }
        parameters.pack(GpuMatrix.of(weights));
        if (state != null) {
            Objects.requireNonNull(copied.h()).copyFrom(buffer(state.hidden()));
            if (copied.c() != null) {
                copied.c().copyFrom(buffer(Objects.requireNonNull(state.cell())));
            }
        }
        forward.forward(space, parameters.buffer(), x(input), y, first(), state(state));
        early.others();
    }

    @Override
    public void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient,
            @Nullable Matrix inputGradient, Rnn.@Nullable State stateGradient, Matrix gradients) {
        Shapes.backward(input, inputGradient, shape);
        Shapes.state(stateGradient, shape);
        CudaBuffer dx = inputGradient == null
                ? Objects.requireNonNull(oneHotGradient, "one-hot vectors have a gradient in training")
                : GpuMatrix.of(inputGradient).buffer();
        CudaBuffer y = output(output);
        CudaBuffer dw = parameters.zeroGradients();
        backward.backwardData(space, parameters.buffer(), y, output(outputGradient), dx, first(),
                CudnnRnn.State.NONE, state(stateGradient));
        backward.backwardWeights(space, x(input), first(), y, dw);
        early.others();
        parameters.unpackGradients(GpuMatrix.of(gradients));
    }
}
