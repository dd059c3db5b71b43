package org.charlstm.device.cuda;

import org.charlstm.device.Ints;
import org.charlstm.device.Lstm;
import org.charlstm.device.LstmShape;
import org.charlstm.device.LstmState;
import org.charlstm.device.Matrix;
import org.charlstm.device.cuda.binding.CudaDriver;
import org.charlstm.device.host.Shapes;

/** The LSTM through cuDNN, on one-hot input that a kernel writes. */
final class CudnnLstm implements Lstm {
    private final CudaContext context;
    private final Kernels kernels;
    private final CudnnLstmLayout layout;
    private final LstmShape shape;
    private final int offset;
    private final CudnnPass pass;
    private final long rows;
    private final CudaBuffer input;
    private final CudaBuffer inputGradient;
    /** The state before the first step, kept because its owner's buffers receive the state after the last. */
    private final CudaBuffer firstHidden;
    private final CudaBuffer firstCell;
    private boolean startsAtZero;

    CudnnLstm(CudaContext context, Kernels kernels, CudaMemory memory, CudnnLstmLayout layout, LstmShape shape,
            int offset, CudnnPass pass) {
        this.context = context;
        this.kernels = kernels;
        this.layout = layout;
        this.shape = shape;
        this.offset = offset;
        this.pass = pass;
        rows = Math.multiplyExact(shape.steps(), shape.batch());
        CudaMemory inputs = memory.forPurpose("one-hot input");
        input = inputs.workspace(Float.BYTES * rows * layout.width());
        inputGradient = shape.training() ? inputs.workspace(Float.BYTES * rows * layout.width()) : null;
        firstHidden = memory.forPurpose("state").workspace(stateBytes());
        firstCell = memory.forPurpose("state").workspace(stateBytes());
    }

    private long stateBytes() {
        return (long) Float.BYTES * shape.batch() * shape.hidden();
    }

    @Override
    public void forward(Matrix weights, Ints ids, LstmState state, Matrix output) {
        Shapes.ints(ids, (int) rows);
        long y = CudaMatrix.of(output, (int) rows, shape.hidden()).pointer();
        long w = CudaMatrix.of(weights).pointer(offset);
        startsAtZero = state == null;
        kernels.each(Kernel.ONE_HOT, rows * layout.width(), CudaInts.pointer(ids), input.pointer(), layout.width(),
                rows * layout.width());
        if (startsAtZero) {
            pass.forward(w, input.pointer(), y, 0, 0, 0, 0);
        } else {
            long h = CudaMatrix.of(state.hidden(), shape.batch(), shape.hidden()).pointer();
            long c = CudaMatrix.of(state.cell(), shape.batch(), shape.hidden()).pointer();
            CudaDriver driver = context.driver();
            driver.copy(firstHidden.pointer(), h, stateBytes(), context.stream());
            driver.copy(firstCell.pointer(), c, stateBytes(), context.stream());
            pass.forward(w, input.pointer(), y, firstHidden.pointer(), h, firstCell.pointer(), c);
        }
    }

    @Override
    public void backward(Matrix weights, Ints ids, Matrix output, Matrix outputGradient, Matrix gradients) {
        if (!shape.training()) {
            throw new IllegalStateException("this LSTM keeps nothing for a backward pass; its shape says training=false");
        }
        long y = CudaMatrix.of(output, (int) rows, shape.hidden()).pointer();
        long dy = CudaMatrix.of(outputGradient, (int) rows, shape.hidden()).pointer();
        CudaMatrix flat = CudaMatrix.of(gradients);
        CudaDriver driver = context.driver();
        driver.fill(flat.pointer(offset), 0, layout.size(), context.stream());
        pass.backward(CudaMatrix.of(weights).pointer(offset), input.pointer(), y, dy, inputGradient.pointer(),
                startsAtZero ? 0 : firstHidden.pointer(), startsAtZero ? 0 : firstCell.pointer(), flat.pointer(offset));
        for (int bias : layout.frozen()) {
            driver.fill(flat.pointer(offset + bias), 0, shape.hidden(), context.stream());
        }
    }
}
