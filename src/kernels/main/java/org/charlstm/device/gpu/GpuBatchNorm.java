package org.charlstm.device.gpu;

import org.charlstm.cuda.CudaBuffer;
import org.charlstm.device.BatchNorm;
import org.charlstm.device.Matrix;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;
import org.charlstm.device.spi.AlignedLayout;
import org.jspecify.annotations.Nullable;

/** Batch normalisation in two launches: one sums slices of the rows, one adds up these sums and normalises. */
public final class GpuBatchNorm implements BatchNorm {
    /** A block's threads. Each thread takes four columns of one row at a time and reads several rows ahead. */
    private static final int LANES = 8;
    private static final int BLOCK_ROWS = 32;
    private static final int AHEAD = 4;
    /** Columns of a block. */
    private static final int BLOCK_COLUMNS = 4 * LANES;
    /** The most blocks, two for each multiprocessor of a large GPU: each reads the sums of all blocks beside it. */
    private static final int BLOCKS = 256;

    private final Kernels kernels;
    private final BatchNorm.Shape shape;
    private final int offset;
    private final int moving;
    private final int tiles;
    private final int slices;
    /** Bytes of a row of partial sums. */
    private final long rowBytes;
    /** Two rows of partial sums for each slice; null in inference. */
    private final @Nullable CudaBuffer partials;
    /** Mean and 1 / deviation of the last forward pass; null in inference. */
    private final @Nullable CudaBuffer statistics;

    public GpuBatchNorm(Kernels kernels, GpuMemory memory, BatchNorm.Shape shape, int offset, int moving) {
        this.kernels = kernels;
        this.shape = shape;
        this.offset = offset;
        this.moving = moving;
        Kernels.requireCountable(Kernel.BATCH_NORM_FORWARD, (long) shape.rows() * shape.columns());
        tiles = Math.ceilDiv(shape.columns(), BLOCK_COLUMNS);
        slices = Math.clamp(Math.ceilDiv(shape.rows(), BLOCK_ROWS * AHEAD), 1, Math.max(1, BLOCKS / tiles));
        rowBytes = 4L * Float.BYTES * Math.ceilDiv(shape.columns(), 4);
        GpuMemory activations = memory.forPurpose("activations");
        partials = shape.training() ? activations.workspace(2 * rowBytes * slices) : null;
        statistics = shape.training() ? activations.workspace(2 * rowBytes) : null;
    }

    /** The layout of gamma, then beta. */
    static AlignedLayout layout(int columns) {
        return new AlignedLayout(GpuMemory.ALIGNMENT, columns, columns);
    }

    private int beta() {
        return offset + layout(shape.columns()).offset(1);
    }

    private void launch(Kernel kernel, Object... arguments) {
        kernels.launch(kernel, slices * tiles, LANES, BLOCK_ROWS, arguments);
    }

    private static long pointer(@Nullable CudaBuffer buffer) {
        return buffer == null ? 0 : buffer.pointer();
    }

    @Override
    public void forward(Matrix weights, Matrix input, Matrix output) {
        GpuMatrix x = GpuMatrix.of(input, shape.rows(), shape.columns());
        long y = GpuMatrix.of(output, shape.rows(), shape.columns()).pointer();
        GpuMatrix flat = GpuMatrix.of(weights);
        if (shape.training()) {
            launch(Kernel.BATCH_NORM_MOMENTS, x.pointer(), pointer(partials), shape.rows(), shape.columns(), slices,
                    x.bf16());
        }
        launch(Kernel.BATCH_NORM_FORWARD, x.pointer(), y, flat.pointer(offset), flat.pointer(beta()),
                flat.pointer(moving), pointer(partials), pointer(statistics), (float) shape.momentum(),
                (float) (1 - shape.momentum()), (float) shape.epsilon(), shape.rows(), shape.columns(), slices,
                x.bf16());
    }

    @Override
    public void backward(Matrix weights, Matrix input, Matrix outputGradient, Matrix inputGradient, Matrix gradients) {
        if (!shape.training()) {
            throw new IllegalStateException("this batch normalisation is not for training");
        }
        GpuMatrix x = GpuMatrix.of(input, shape.rows(), shape.columns());
        long dy = GpuMatrix.of(outputGradient, shape.rows(), shape.columns()).pointer();
        long dx = GpuMatrix.of(inputGradient, shape.rows(), shape.columns()).pointer();
        GpuMatrix into = GpuMatrix.of(gradients);
        launch(Kernel.BATCH_NORM_SUMS, x.pointer(), dy, pointer(statistics), pointer(partials), shape.rows(),
                shape.columns(), slices, x.bf16());
        launch(Kernel.BATCH_NORM_BACKWARD, x.pointer(), dy, dx, GpuMatrix.of(weights).pointer(offset),
                pointer(statistics), pointer(partials), into.pointer(offset), into.pointer(beta()), shape.rows(),
                shape.columns(), slices, x.bf16());
    }
}
