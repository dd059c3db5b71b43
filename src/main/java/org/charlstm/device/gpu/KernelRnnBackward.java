package org.charlstm.device.gpu;

import java.util.Objects;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
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
    /** dL/dz of a layer, (T B,4H), in the factors' type. */
    private final CudaBuffer sumGradients;
    private final Recurrence recurrence;
    private final TimeParts parts;
    /** H if the recurrence interleaves gates, else 0. */
    private final int units;
    /** For a layer whose input is ids; null if there is none. */
    private final GpuEmbedding.@Nullable Gradient embedding;
    /** For layers whose input is numbers; null if there are none. */
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
        width = 4 * shape.hidden();
        type = products.factors();
        GpuMemory workspace = memory.forPurpose("LSTM workspace");
        sumGradients = workspace.workspace((long) type.bytes() * shape.rows() * width);
        this.recurrence = recurrence;
        boolean ids = shape.input().ids();
        boolean numbers = !ids || shape.layers().count() > 1;
        embedding = ids ? new GpuEmbedding.Gradient(kernels, workspace, parts.count(),
                parts.rows(parts.count() - 1), width, shape.input().columns()) : null;
        bias = numbers ? new BiasGradient(kernels, workspace, Activation.LINEAR, shape.rows(), width) : null;
        if (parts.count() > 1) {
            products.openBeside();
        }
        units = recurrence.interleaves() ? shape.hidden() : 0;
        boolean apart = parts.count() > 1 || units > 0;
        recurrentParts = apart ? workspace.workspace(partBytes(shape.hidden()) * parts.count()) : null;
        int widest = Math.max(ids ? 0 : shape.input().columns(), shape.hidden());
        interleaved = units == 0 ? null : workspace.workspace((long) type.bytes() * units * width);
        kernelParts = apart && numbers ? workspace.workspace(partBytes(widest) * parts.count()) : null;
    }

    /** Bytes of one part's sums for the gradient of a kernel of so many rows. */
    private long partBytes(int inputs) {
        return (long) Float.BYTES * inputs * width;
    }

    /** The pointer to a row of dL/dz. */
    private long sumGradients(int row) {
        return sumGradients.pointer() + (long) type.bytes() * row * width;
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
            recurrence.backward(layer, weights, dy, sumGradients(0), parts.step(part), parts.step(part + 1));
            beside(() -> {
                recurrentGradient(layer, part, y, place(recurrentParts, shape.hidden(), part, recurrentGradient));
                if (layer.ids) {
                    Objects.requireNonNull(embedding, "made for ids").part(part, parts.firstRow(part),
                            parts.rows(part), x, sumGradients(0), type.bf16());
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
            Objects.requireNonNull(bias, "made for numbers").run(sumGradients(0), 0, type.bf16(), biasGradient, units);
        }
    }

    /** After {@link #run} of a layer, writes the gradients of its first state, of the activations' type. */
    void toState(KernelRnnLayer layer, GpuMatrix weights, long hidden, long cell) {
        long recurrent = interleaved == null ? layer.recurrent(weights) : interleaved.pointer();
        if (interleaved != null) {
            kernels.each(Kernel.INTERLEAVE_GATES, (long) units * units, layer.recurrentMaster(weights), recurrent,
                    units, units, type.bf16());
        }
        products.byTransposed(shape.batch(), shape.hidden(), width, sumGradients(0), recurrent, hidden, type);
        layer.copyCell(recurrence.cellGradient(), cell, type.bf16());
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
        long sums = sumGradients(parts.firstRow(part));
        products.ofTransposed(inputs, width, parts.rows(part), x + row, sums, to);
        products.byTransposed(parts.rows(part), inputs, width, sums, layer.factor(weights, 0), dx + row, type);
    }

    /** The transpose of h of the step before, times dL/dz; from zeros, the first step adds nothing. */
    private void recurrentGradient(KernelRnnLayer layer, int part, long y, long to) {
        int from = parts.step(part);
        int rows = parts.rows(part);
        long step = layer.stepBytes(type);
        if (from > 0) {
            products.ofTransposed(shape.hidden(), width, rows, y + (from - 1) * step,
                    sumGradients(parts.firstRow(part)), to);
        } else if (!layer.startsAtZero()) {
            // The gates are no longer needed: h before each step is copied over them.
            long before = layer.gates(0);
            context.copy(before, layer.firstHidden(), step);
            if (rows > shape.batch()) {
                context.copy(before + step, y, (rows / shape.batch() - 1) * step);
            }
            products.ofTransposed(shape.hidden(), width, rows, before, sumGradients(0), to);
        } else if (rows > shape.batch()) {
            products.ofTransposed(shape.hidden(), width, rows - shape.batch(), y, sumGradients(shape.batch()), to);
        }
    }
}
