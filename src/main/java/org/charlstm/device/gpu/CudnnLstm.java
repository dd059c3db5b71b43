package org.charlstm.device.gpu;

import java.util.Objects;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaDriver;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Kernel;
import org.charlstm.cuda.Kernels;
import org.charlstm.device.Ints;
import org.charlstm.device.Lstm;
import org.charlstm.device.Lstm.Input;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.Shapes;
import org.jspecify.annotations.Nullable;

/** The LSTM through cuDNN, which takes numbers; for ids a kernel writes one-hot vectors. */
final class CudnnLstm implements Lstm {
    private final CudaContext context;
    private final Kernels kernels;
    private final CudaType type;
    private final Lstm.Shape shape;
    private final CudnnPass pass;
    private final CudnnWeights parameters;
    private final long rows;
    /** One-hot vectors and their gradient; null where the input is numbers, and likewise the gradient in inference. */
    private final @Nullable CudaBuffer oneHot;
    private final @Nullable CudaBuffer oneHotGradient;
    /** The state before the first step, kept because its owner's buffers receive the state after the last. */
    private final CudaBuffer firstHidden;
    private final CudaBuffer firstCell;
    private boolean startsAtZero;

    CudnnLstm(CudaContext context, Kernels kernels, GpuMemory memory, CudnnLstmLayout layout, Lstm.Shape shape,
            int offset, CudnnPass pass) {
        this.context = context;
        this.kernels = kernels;
        type = layout.type();
        this.shape = shape;
        this.pass = pass;
        parameters = new CudnnWeights(kernels, memory, layout, offset, shape.training());
        rows = shape.rows();
        GpuMemory inputs = memory.forPurpose("one-hot input");
        long bytes = type.bytes() * rows * shape.input().columns();
        oneHot = shape.input().ids() ? inputs.workspace(bytes) : null;
        oneHotGradient = shape.input().ids() && shape.training() ? inputs.workspace(bytes) : null;
        firstHidden = memory.forPurpose("state").workspace(stateBytes());
        firstCell = memory.forPurpose("state").workspace(stateBytes());
    }

    private long stateBytes() {
        return (long) type.bytes() * shape.layers().count() * shape.batch() * shape.hidden();
    }

    private CudaBuffer oneHot() {
        return Objects.requireNonNull(oneHot, "ids have one-hot vectors");
    }

    private long x(Input input) {
        return input instanceof Input.Dense(Matrix matrix) ? GpuMatrix.of(matrix).pointer() : oneHot().pointer();
    }

    /** Of a half of a state. */
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
            kernels.each(Kernel.ONE_HOT, rows * symbols, GpuInts.pointer(ids), oneHot().pointer(), symbols,
                    (int) (rows * symbols), type == CudaType.BFLOAT16 ? 1 : 0);
        }
        parameters.pack(GpuMatrix.of(weights));
        long w = parameters.pointer();
        if (state == null) {
            pass.forward(w, x(input), y, 0, 0, 0, 0);
        } else {
            long h = pointer(state.hidden());
            long c = pointer(state.cell());
            CudaDriver driver = context.driver();
            driver.copy(firstHidden.pointer(), h, stateBytes(), context.stream());
            driver.copy(firstCell.pointer(), c, stateBytes(), context.stream());
            pass.forward(w, x(input), y, firstHidden.pointer(), h, firstCell.pointer(), c);
        }
    }

    @Override
    public void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient,
            @Nullable Matrix inputGradient, Lstm.@Nullable State stateGradient, Matrix gradients) {
        if (!shape.training()) {
            throw new IllegalStateException("this LSTM was made for inference; make it with training = true");
        }
        Shapes.input(input, shape);
        Shapes.inputGradient(inputGradient, shape);
        long dx = inputGradient == null
                ? Objects.requireNonNull(oneHotGradient, "one-hot vectors have a gradient in training").pointer()
                : GpuMatrix.of(inputGradient).pointer();
        long y = GpuMatrix.of(output, shape.rows(), shape.hidden()).pointer();
        long dy = GpuMatrix.of(outputGradient, shape.rows(), shape.hidden()).pointer();
        pass.backward(parameters.pointer(), x(input), y, dy, dx, startsAtZero ? 0 : firstHidden.pointer(),
                stateGradient == null ? 0 : pointer(stateGradient.hidden()), startsAtZero ? 0 : firstCell.pointer(),
                stateGradient == null ? 0 : pointer(stateGradient.cell()), parameters.zeroGradients());
        parameters.unpackGradients(GpuMatrix.of(gradients));
    }
}
