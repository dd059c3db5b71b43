package org.charlstm.device.gpu;

import java.util.Objects;
import java.util.function.IntConsumer;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Kernel;
import org.charlstm.cuda.Kernels;
import org.charlstm.device.Lstm;
import org.jspecify.annotations.Nullable;

/**
 * One layer of a {@link KernelLstm}, forward. Its sums, gates and cells are float32 in every precision; h and the
 * factors of products are of the activations' type.
 */
final class KernelLstmLayer {
    final Lstm.Shape shape;
    final LstmLayout layout;
    final int offset;
    /** Whether the input is ids, whose rows of the kernel are looked up, rather than numbers. */
    final boolean ids;
    final CudaType type;
    private final CudaContext context;
    private final Kernels kernels;
    private final GpuProducts products;
    private final Recurrence recurrence;
    /** What the recurrence keeps; null where that is nothing. */
    private final @Nullable CudaBuffer gates;
    private final long gateBytes;
    /** Cells after each step, (T B,H), or after the last one only. */
    private final CudaBuffer cells;
    /** The state before the first step, kept because its owner's buffers receive the state after the last. */
    private final CudaBuffer firstHidden;
    private final CudaBuffer firstCell;
    /** The factors of products among the weights, or the kernel interleaved; null where the parameters serve. */
    private final @Nullable CudaBuffer converted;
    private boolean startsAtZero;

    KernelLstmLayer(GpuTools tools, GpuMemory memory, Lstm.Shape shape, int layer, int offset, Recurrence recurrence) {
        context = tools.context();
        kernels = tools.kernels();
        products = tools.products();
        this.shape = shape;
        this.offset = offset;
        layout = LstmLayout.of(shape.layers(), layer);
        ids = layer == 0 && shape.input().ids();
        this.recurrence = recurrence;
        type = products.factors();
        long kept = shape.training() ? shape.steps() : 1;
        GpuMemory activations = memory.forPurpose("LSTM gates and cells");
        gateBytes = recurrence.gateBytes(ids);
        gates = gateBytes == 0 ? null : activations.workspace(shape.steps() * gateBytes);
        cells = activations.workspace(kept * stepBytes(CudaType.FLOAT32));
        firstHidden = memory.forPurpose("state").workspace(stepBytes(type));
        firstCell = memory.forPurpose("state").workspace(stepBytes(CudaType.FLOAT32));
        GpuMemory weights = memory.forPurpose("bf16 weights");
        converted = recurrence.interleaves() ? weights.workspace((long) kernelType().bytes() * layout.kernelSize())
                : type == CudaType.FLOAT32 ? null : weights.workspace((long) type.bytes() * factors());
    }

    /** What makes the gates, as the kernels' device.h numbers it. */
    static int gateKind(Lstm.Shape shape) {
        return switch (shape.layers().recurrentActivation()) {
            case SIGMOID -> 0;
            case HARD_SIGMOID -> 1;
        };
    }

    /** Bytes of one step's gates in float32, or none where they are not kept and no product needs their place. */
    static long gateBytes(Lstm.Shape shape, boolean ids) {
        return shape.training() || !ids ? 4L * Float.BYTES * shape.batch() * shape.hidden() : 0;
    }

    /** Bytes of h or c of one step. */
    long stepBytes(CudaType of) {
        return (long) of.bytes() * shape.batch() * shape.hidden();
    }

    /** What the kernel is converted to where it is interleaved: a factor, or rows to be looked up. */
    private CudaType kernelType() {
        return ids ? CudaType.FLOAT32 : type;
    }

    /** The first of the weights that are factors of products: rows that are looked up are not. */
    private int firstFactor() {
        return ids ? layout.recurrentOffset() : 0;
    }

    private int factors() {
        return layout.biasOffset() - firstFactor();
    }

    /** The kernel, at 0, or {@link #recurrent} in the type of factors, as {@link #forward} leaves them. */
    long factor(GpuMatrix weights, int at) {
        return converted == null ? weights.pointer(offset + at)
                : converted.pointer() + (long) type.bytes() * (at - firstFactor());
    }

    /** The recurrent kernel, in float32. */
    long recurrentMaster(GpuMatrix weights) {
        return weights.pointer(offset + layout.recurrentOffset());
    }

    /** The recurrent kernel as a factor of products, where they are not interleaved. */
    long recurrent(GpuMatrix weights) {
        return factor(weights, layout.recurrentOffset());
    }

    /** The kernel whose rows are looked up, in float32. */
    long kernel(GpuMatrix weights) {
        return recurrence.interleaves() ? Objects.requireNonNull(converted).pointer() : weights.pointer(offset);
    }

    long bias(GpuMatrix weights) {
        return weights.pointer(offset + layout.biasOffset());
    }

    boolean startsAtZero() {
        return startsAtZero;
    }

    /** h before the first step. */
    long firstHidden() {
        return firstHidden.pointer();
    }

    /** A step's gates. */
    long gates(int t) {
        return Objects.requireNonNull(gates, "there are no gates to keep").pointer()
                + t * gateBytes;
    }

    /** The products of an input of numbers in the gates' place, (T B,4H) in float32. */
    long inputProducts(GpuMatrix weights, long x) {
        products.plain(shape.rows(), layout.width(), layout.inputs(), x, factor(weights, 0), gates(0),
                CudaType.FLOAT32);
        return gates(0);
    }

    /** h before a step: the first state's, or what the step before gave. */
    long hiddenBefore(int t, long y) {
        if (t > 0) {
            return y + (t - 1) * stepBytes(type);
        }
        return startsAtZero ? 0 : firstHidden.pointer();
    }

    long cellBefore(int t) {
        if (t > 0) {
            return cell(t - 1);
        }
        return startsAtZero ? 0 : firstCell.pointer();
    }

    long cell(int t) {
        return cells.pointer() + (shape.training() ? t * stepBytes(CudaType.FLOAT32) : 0);
    }

    /** Takes ids or numbers, and this layer's part of the state, 0 for zeros; gives h, and tells of each part of it. */
    void forward(GpuMatrix weights, long x, long hidden, long cell, long y, TimeParts parts, IntConsumer told) {
        int bf16 = type == CudaType.BFLOAT16 ? 1 : 0;
        startsAtZero = hidden == 0;
        if (!startsAtZero) {
            context.driver().copy(firstHidden.pointer(), hidden, stepBytes(type), context.stream());
            copyCell(cell, firstCell.pointer(), 0);
        }
        if (recurrence.interleaves()) {
            kernels.each(Kernel.INTERLEAVE_GATES, layout.kernelSize() / 4, weights.pointer(offset),
                    Objects.requireNonNull(converted).pointer(), layout.inputs(), shape.hidden(), ids ? 0 : bf16);
        } else if (converted != null) {
            kernels.each(Kernel.CONVERT, factors(), weights.pointer(offset + firstFactor()), converted.pointer(),
                    factors(), 1);
        }
        long input = recurrence.input(this, weights, x);
        for (int part = 0; part < parts.count(); part++) {
            recurrence.forward(this, weights, input, ids ? x : 0L, y, parts.step(part), parts.step(part + 1));
            told.accept(part);
        }
        if (!startsAtZero) {
            context.driver().copy(hidden, y + (shape.steps() - 1) * stepBytes(type), stepBytes(type),
                    context.stream());
            copyCell(cell(shape.steps() - 1), cell, bf16);
        }
    }

    /** Between a state, which is of the activations' type, and float32. */
    void copyCell(long from, long to, int toBf16) {
        if (type == CudaType.FLOAT32) {
            context.driver().copy(to, from, stepBytes(type), context.stream());
        } else {
            int count = shape.batch() * shape.hidden();
            kernels.each(Kernel.CONVERT, count, from, to, count, toBf16);
        }
    }
}
