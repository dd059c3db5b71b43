package org.charlstm.device.gpu;

import java.util.Objects;
import java.util.function.IntConsumer;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of one layer of a {@link KernelRnn}. The {@link Recurrence} launches the kernels of the time steps;
 * {@link PlainEngine} has one for each cell, and {@link FusedEngine} its own. Sums, gates and c are float32 in every
 * precision; h and the factors of products have the activations' type.
 */
final class KernelRnnLayer {
    final Rnn.Shape shape;
    final RnnLayout layout;
    final int offset;
    /** Whether the input is ids, by which rows of the kernel are looked up, rather than numbers. */
    final boolean ids;
    final CudaType type;
    private final GpuContext context;
    private final Kernels kernels;
    private final GpuProducts products;
    private final Recurrence recurrence;
    /** Null if the recurrence keeps no gates. */
    private final @Nullable CudaBuffer gates;
    private final long gateBytes;
    /** The {@link Recurrence#kept} of each step, (T B,H), or of the last one only; null for nothing. */
    private final @Nullable CudaBuffer kept;
    private final long keptBytes;
    /** A copy of the first state, whose own buffers receive the last state. */
    private final CudaBuffer firstHidden;
    /** Null for a cell without c. */
    private final @Nullable CudaBuffer firstCell;
    /** Weights in the type of factors, or the kernel interleaved; null where the parameters serve as they are. */
    private final @Nullable CudaBuffer converted;
    private boolean startsAtZero;

    KernelRnnLayer(GpuTools tools, GpuMemory memory, Rnn.Shape shape, int layer, int offset, Recurrence recurrence) {
        context = tools.context();
        kernels = tools.kernels();
        products = tools.products();
        this.shape = shape;
        this.offset = offset;
        layout = RnnLayout.of(shape.layers(), layer);
        ids = layer == 0 && shape.input().ids();
        this.recurrence = recurrence;
        type = products.factors();
        RecurrentCell cell = shape.layers().cell();
        GpuMemory activations = memory.forPurpose(cell.title() + (cell.hasCell() ? " gates and cells" : " gates"));
        gateBytes = recurrence.gateBytes(ids);
        gates = gateBytes == 0 ? null : activations.workspace(shape.steps() * gateBytes);
        CudaType keptType = recurrence.kept();
        keptBytes = keptType == null ? 0 : stepBytes(keptType);
        kept = keptType == null ? null : activations.workspace((shape.training() ? shape.steps() : 1) * keptBytes);
        firstHidden = memory.forPurpose("state").workspace(stepBytes(type));
        firstCell = cell.hasCell() ? memory.forPurpose("state").workspace(stepBytes(CudaType.FLOAT32)) : null;
        GpuMemory weights = memory.forPurpose("bf16 weights");
        converted = recurrence.interleaves() ? weights.workspace((long) kernelType().bytes() * layout.kernelSize())
                : type == CudaType.FLOAT32 ? null : weights.workspace((long) type.bytes() * factors());
    }

    /** Bytes of h or c of one step. */
    long stepBytes(CudaType of) {
        return (long) of.bytes() * shape.batch() * shape.hidden();
    }

    /** The type of the interleaved kernel, which is a factor or has rows to be looked up. */
    private CudaType kernelType() {
        return ids ? CudaType.FLOAT32 : type;
    }

    /** The offset of the first weights that are factors of products, as rows that are looked up are not. */
    private int firstFactor() {
        return ids ? layout.recurrentOffset() : 0;
    }

    private int factors() {
        return layout.biasOffset() - firstFactor();
    }

    /** The kernel, at 0, or the recurrent kernel in the type of factors, as {@link #forward} leaves them. */
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

    /** h before the first step, where that is not zero. */
    long firstHidden() {
        return firstHidden.pointer();
    }

    /** A step's gates. */
    long gates(int t) {
        return Objects.requireNonNull(gates, "there are no gates to keep").pointer() + t * gateBytes;
    }

    /** Writes the products of an input of numbers, (T B,G H) in float32; returns where they are. */
    long inputProducts(GpuMatrix weights, long x, long to) {
        products.plain(shape.rows(), layout.width(), layout.inputs(), x, factor(weights, 0), to, CudaType.FLOAT32);
        return to;
    }

    /** h before a step: of the first state, or of the step before. */
    long hiddenBefore(int t, long y) {
        if (t > 0) {
            return y + (t - 1) * stepBytes(type);
        }
        return startsAtZero ? 0 : firstHidden.pointer();
    }

    /** c before a step, of a cell that has it. */
    long cellBefore(int t) {
        if (t > 0) {
            return kept(t - 1);
        }
        return startsAtZero ? 0 : Objects.requireNonNull(firstCell, "the cell has c").pointer();
    }

    /** The kept values of a step beside its gates, such as c after it. */
    long kept(int t) {
        return Objects.requireNonNull(kept, "something is kept").pointer() + (shape.training() ? t * keptBytes : 0);
    }

    /** Takes ids or numbers and this layer's part of the state, or 0 for zeros; calls back after each part of h. */
    void forward(GpuMatrix weights, long x, long hidden, long cell, long y, TimeParts parts, IntConsumer afterPart) {
        startsAtZero = hidden == 0;
        if (!startsAtZero) {
            context.copy(firstHidden.pointer(), hidden, stepBytes(type));
            if (firstCell != null) {
                copy(cell, firstCell.pointer(), 0);
            }
        }
        if (recurrence.interleaves()) {
            kernels.each(Kernel.INTERLEAVE_GATES, layout.kernelSize() / 4, weights.pointer(offset),
                    Objects.requireNonNull(converted).pointer(), layout.inputs(), shape.hidden(),
                    ids ? 0 : type.bf16());
        } else if (converted != null) {
            kernels.each(Kernel.CONVERT, factors(), weights.pointer(offset + firstFactor()), converted.pointer(),
                    factors(), 1);
        }
        long input = recurrence.input(this, weights, x);
        for (int part = 0; part < parts.count(); part++) {
            recurrence.forward(this, weights, input, ids ? x : 0L, y, parts.step(part), parts.step(part + 1));
            afterPart.accept(part);
        }
        if (!startsAtZero) {
            context.copy(hidden, y + (shape.steps() - 1) * stepBytes(type), stepBytes(type));
            if (firstCell != null) {
                copy(kept(shape.steps() - 1), cell, type.bf16());
            }
        }
    }

    /** Converts (B,H) between a state, which has the activations' type, and float32. */
    void copy(long from, long to, int toBf16) {
        if (type == CudaType.FLOAT32) {
            context.copy(to, from, stepBytes(type));
        } else {
            int count = shape.batch() * shape.hidden();
            kernels.each(Kernel.CONVERT, count, from, to, count, toBf16);
        }
    }
}
