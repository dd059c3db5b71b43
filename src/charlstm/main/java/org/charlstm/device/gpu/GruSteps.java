package org.charlstm.device.gpu;

import java.util.Objects;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Gemm;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a GRU. With the reset after the product a layer keeps the candidate's recurrent sums, which r scales;
 * with the reset before it r h[t-1], by which the candidate's recurrent kernel is multiplied in a product of its own.
 */
final class GruSteps extends Stepwise {
    private final int gateKind;
    private final boolean resetAfter;
    /** dL/d(r h[t-1]) of one step, (B,H) in float32; null in inference, and with the reset after the product. */
    private final @Nullable CudaBuffer resetGradient;

    GruSteps(RecurrentCell.Gru cell, GpuTools tools, GpuMemory memory, Rnn.Shape shape) {
        super(tools, memory, shape, true);
        gateKind = number(cell.gateActivation());
        resetAfter = cell.resetAfter();
        resetGradient = shape.training() && !resetAfter ? workspace.workspace((long) Float.BYTES * batch * units)
                : null;
    }

    @Override
    @Nullable
    CudaType kept() {
        return !resetAfter ? products.factors() : shape.training() ? CudaType.FLOAT32 : null;
    }

    @Override
    int hiddenColumns() {
        return resetAfter ? width : 2 * units;
    }

    /** The recurrent kernel's columns of the candidate; their rows are as far apart as all of it. */
    private long ofCandidate(KernelRnnLayer layer, GpuMatrix weights) {
        return layer.recurrent(weights) + 2L * units * type.bytes();
    }

    @Override
    void step(KernelRnnLayer layer, GpuMatrix weights, Forth step) {
        if (!resetAfter && step.before() != 0) {
            long reset = layer.kept(step.t());
            kernels.each(Kernel.GRU_RESET, (long) batch * units, step.input(), step.ids(), step.recurrent(),
                    layer.bias(weights), step.before(), reset, batch, units, gateKind, type.bf16());
            products.multiply(Gemm.of(batch, units, units).withLeading(units, width, width), reset,
                    ofCandidate(layer, weights), 0, step.recurrent() + 2L * units * Float.BYTES, CudaType.FLOAT32);
        }
        kernels.each(Kernel.GRU_FORWARD, (long) batch * units, step.input(), step.ids(), step.recurrent(),
                layer.bias(weights), step.before(), step.gates(),
                resetAfter && shape.training() ? layer.kept(step.t()) : 0L, step.y(), batch, units, gateKind,
                resetAfter ? 1 : 0, type.bf16());
    }

    @Override
    void stepBack(KernelRnnLayer layer, GpuMatrix weights, Back step, long hiddenGradient) {
        long sums = step.sums().ofInput();
        kernels.each(Kernel.GRU_BACKWARD, (long) batch * units, layer.gates(step.t()),
                resetAfter ? layer.kept(step.t()) : 0L, step.before(), step.dy(), hiddenGradient, sums,
                resetAfter ? step.sums().ofRecurrent() : 0L, batch, units, gateKind, step.last() ? 1 : 0, type.bf16());
        if (!resetAfter) {
            long gradient = Objects.requireNonNull(resetGradient, "made for training").pointer();
            products.multiply(Gemm.of(false, true, batch, units, units).withLeading(width, width, units),
                    sums + 2L * units * type.bytes(), ofCandidate(layer, weights), 0, gradient, CudaType.FLOAT32);
            kernels.each(Kernel.GRU_RESET_BACKWARD, (long) batch * units, layer.gates(step.t()), step.before(),
                    gradient, hiddenGradient, sums, batch, units, gateKind, type.bf16());
        }
    }
}
