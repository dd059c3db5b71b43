package org.charlstm.device.gpu;

import java.util.Objects;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Gemm;
import org.charlstm.device.Activation;
import org.charlstm.device.Rnn;
import org.jspecify.annotations.Nullable;

/**
 * The backward pass of the layers of a {@link KernelRnn}, which share one workspace. A {@link Recurrence} launches the
 * kernels of the time steps, which compute the gradients of the gates' sums. The gradients of the weights are products
 * over the steps of each part, computed beside the recurrence of the part before it, and then added up.
 */
final class KernelRnnBackward {
    private final GpuContext context;
    private final Kernels kernels;
    private final GpuProducts products;
    private final Rnn.Shape shape;
    private final int width;
    private final CudaType type;
    private final Recurrence.SumGradients sums;
    private final Recurrence recurrence;
    private final TimeParts parts;
    /** Whether the recurrent products have a bias of their own, and so gradients of their sums. */
    private final boolean apart;
    /** H if the recurrence interleaves gates, else 0. */
    private final int units;
    /** For a layer whose input is ids; null if there is none. */
    private final GpuEmbedding.@Nullable Gradient embedding;
    /** For layers whose input is numbers, and for the recurrent products' bias; null if there is neither. */
    private final @Nullable BiasGradient bias;
    /** Each part's sums for the gradients of both kernels; null if the gradients take them directly. */
    private final @Nullable CudaBuffer recurrentParts;
    private final @Nullable CudaBuffer kernelParts;
    /** The recurrent kernel with interleaved gates; null where dL/dz is not interleaved. */
    private final @Nullable CudaBuffer interleaved;

    KernelRnnBackward(GpuTools tools, GpuMemory memory, TimeParts parts, Recurrence recurrence) {
        context = tools.context();
        kernels = tools.kernels();
        products = tools.products();
        shape = parts.shape();
        this.parts = parts;
        width = shape.layers().width();
        type = products.factors();
        GpuMemory workspace = memory.forPurpose(shape.layers().cell().title() + " workspace");
        long bytes = (long) type.bytes() * shape.rows() * width;
        apart = shape.layers().cell().biasRows() > 1;
        long ofInput = workspace.workspace(bytes).pointer();
        sums = new Recurrence.SumGradients(ofInput, apart ? workspace.workspace(bytes).pointer() : ofInput);
        this.recurrence = recurrence;
        boolean ids = shape.input().ids();
        boolean numbers = !ids || shape.layers().count() > 1;
        embedding = ids ? new GpuEmbedding.Gradient(kernels, workspace, parts.count(),
                parts.rows(parts.count() - 1), width, shape.input().columns()) : null;
        bias = numbers || apart ? new BiasGradient(kernels, workspace, Activation.LINEAR, shape.rows(), width) : null;
        if (parts.count() > 1) {
            products.openBeside();
        }
        units = recurrence.interleaves() ? shape.hidden() : 0;
        boolean inParts = parts.count() > 1 || units > 0;
        recurrentParts = inParts ? workspace.workspace(partBytes(shape.hidden()) * parts.count()) : null;
        int widest = Math.max(ids ? 0 : shape.input().columns(), shape.hidden());
        interleaved = units == 0 ? null : workspace.workspace((long) type.bytes() * units * width);
        kernelParts = inParts && numbers ? workspace.workspace(partBytes(widest) * parts.count()) : null;
    }

    /** Bytes of one part's sums for the gradient of a kernel of so many rows. */
    private long partBytes(int inputs) {
        return (long) Float.BYTES * inputs * width;
    }

    /** The gradients of the sums from a row on. */
    private Recurrence.SumGradients sums(int row) {
        return sums.at((long) type.bytes() * row * width);
    }

    /**
     * Goes back through one layer.
     *
     * @param x         ids or numbers
     * @param dx        receives dL/dx; may be {@code dy}, and is not used for ids
     * @param gradients the flat gradients; this layer's part is zero before
     */
    void run(KernelRnnLayer layer, GpuMatrix weights, long x, long y, long dy, long dx, GpuMatrix gradients) {
        long kernelGradient = gradients.pointer(layer.offset);
        long recurrentGradient = gradients.pointer(layer.offset + layer.layout.recurrentOffset());
        for (int p = parts.count() - 1; p >= 0; p--) {
            int part = p;
            recurrence.backward(layer, weights, y, dy, sums, parts.step(part), parts.step(part + 1));
            beside(() -> {
                recurrentGradient(layer, part, y, place(recurrentParts, shape.hidden(), part, recurrentGradient));
                if (layer.ids) {
                    Objects.requireNonNull(embedding, "made for ids").part(part, parts.firstRow(part),
                            parts.rows(part), x, sums.ofInput(), type.bf16());
                } else {
                    fromNumbers(layer, weights, part, x, dx,
                            place(kernelParts, layer.layout.inputs(), part, kernelGradient));
                }
            });
        }
        if (parts.count() > 1) {
            context.join();
        }
        // A single step from zeros adds nothing to the gradient.
        if (shape.steps() > 1 || !layer.startsAtZero()) {
            addParts(recurrentParts, shape.hidden(), recurrentGradient);
        }
        long biasGradient = gradients.pointer(layer.offset + layer.layout.biasOffset());
        if (layer.ids) {
            Objects.requireNonNull(embedding, "made for ids").sum(kernelGradient, units);
            // Each id names one row of the kernel, so the bias' gradient is the sum of the rows' gradients.
            BiasGradient.sum(kernels, kernelGradient, biasGradient, width, layer.layout.inputs());
        } else {
            addParts(kernelParts, layer.layout.inputs(), kernelGradient);
            Objects.requireNonNull(bias, "made for numbers").run(sums.ofInput(), 0, type.bf16(), biasGradient, units);
        }
        if (apart) {
            Objects.requireNonNull(bias, "made for its second row").run(sums.ofRecurrent(), 0, type.bf16(),
                    biasGradient + (long) Float.BYTES * width, 0);
        }
    }

    /** After {@link #run} of a layer, writes the gradients of its first state, of the activations' type. */
    void toState(KernelRnnLayer layer, GpuMatrix weights, long hidden, long cell) {
        long recurrent = interleaved == null ? layer.recurrent(weights) : interleaved.pointer();
        if (interleaved != null) {
            kernels.each(Kernel.INTERLEAVE_GATES, (long) units * units, layer.recurrentMaster(weights), recurrent,
                    units, units, type.bf16());
        }
        recurrence.toHidden(layer, recurrent, sums, hidden);
        if (cell != 0) {
            layer.copy(recurrence.cellGradient(), cell, type.bf16());
        }
    }

    /** Runs work beside the recurrence, or in order where there is one part. */
    private void beside(Runnable work) {
        if (parts.count() > 1) {
            context.beside(work);
        } else {
            work.run();
        }
    }

    /** Where a part's sums for a kernel's gradient go: to the gradient itself if there is one part. */
    private long place(@Nullable CudaBuffer all, int inputs, int part, long gradient) {
        return all == null ? gradient : all.pointer() + partBytes(inputs) * part;
    }

    private void addParts(@Nullable CudaBuffer all, int inputs, long gradient) {
        if (all != null) {
            BiasGradient.sum(kernels, all.pointer(), gradient, inputs * width, parts.count(), units);
        }
    }

    /** The gradients of a kernel whose input is numbers, and of these, over the steps of a part. */
    private void fromNumbers(KernelRnnLayer layer, GpuMatrix weights, int part, long x, long dx, long to) {
        int inputs = layer.layout.inputs();
        long row = (long) type.bytes() * parts.firstRow(part) * inputs;
        long dz = sums(parts.firstRow(part)).ofInput();
        products.ofTransposed(inputs, width, parts.rows(part), x + row, dz, to);
        products.byTransposed(parts.rows(part), inputs, width, dz, layer.factor(weights, 0), dx + row, type);
    }

    /** The transpose of h of the step before, times dL/dz; from zeros, the first step adds nothing. */
    private void recurrentGradient(KernelRnnLayer layer, int part, long y, long to) {
        int from = parts.step(part);
        int rows = parts.rows(part);
        long step = layer.stepBytes(type);
        int columns = recurrence.hiddenColumns();
        int zeros = from == 0 && layer.startsAtZero() ? 1 : 0;
        int first = from + zeros;
        int counted = rows - zeros * shape.batch();
        if (counted == 0) {
            return;
        }
        if (first > 0) {
            recurrentProduct(y + (first - 1) * step, first * shape.batch(), counted, 0, columns, to);
        } else {
            // The gates are no longer needed: h before each step is copied over them.
            long before = layer.gates(0);
            context.copy(before, layer.firstHidden(), step);
            if (rows > shape.batch()) {
                context.copy(before + step, y, (rows / shape.batch() - 1) * step);
            }
            recurrentProduct(before, 0, rows, 0, columns, to);
        }
        if (columns < width) {
            recurrentProduct(layer.kept(first), first * shape.batch(), counted, columns, width, to);
        }
    }

    /** The gradient of the recurrent kernel's columns from one to before another. */
    private void recurrentProduct(long factor, int firstRow, int rows, int from, int to, long gradient) {
        products.multiply(Gemm.of(true, false, shape.hidden(), to - from, rows)
                .withLeading(shape.hidden(), width, width), factor,
                sums(firstRow).ofRecurrent() + (long) type.bytes() * from, 0, gradient + (long) Float.BYTES * from,
                CudaType.FLOAT32);
    }
}
