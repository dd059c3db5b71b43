package org.charlstm.device.gpu.rnn;

import org.charlstm.cuda.CudaType;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.rnn.LayerPass.Input;
import org.charlstm.device.gpu.rnn.LayerPass.Output;
import org.charlstm.device.gpu.rnn.LayerPass.State;
import org.charlstm.device.gpu.rnn.LayerPass.Tensors;
import org.charlstm.device.gpu.tools.GateInterleaving;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.GpuView;
import org.charlstm.device.gpu.tools.Kernel;

/**
 * The forward pass of one layer of a {@link KernelRnn}. The {@link Recurrence} launches the kernels of the time steps:
 * {@link PlainEngine} has one recurrence for each cell, {@link FusedEngine} one for each precision. Sums and c are
 * float32 in every precision; h and the factors of products have the activations' type.
 */
final class KernelRnnLayer {
    private final GpuTools tools;
    private final Rnn.Shape shape;
    private final RnnLayout layout;
    private final int offset;
    private final CudaType type;
    private final Recurrence recurrence;
    /** The gates; in inference only the products of an input of numbers, or none. */
    private final GpuView gates;
    /** The {@link Recurrence#kept} values, of all steps or of the last one; none if no value is kept. */
    private final GpuView kept;
    /** A copy of the first state; the state's own buffers receive the last state. c is float32. */
    private final State copied;
    /** The kernel and the recurrent kernel in another type or column order; none if the weights need no conversion. */
    private final GpuView kernel;
    private final GpuView recurrent;
    /** Of the last forward pass. */
    private boolean startsAtZero;

    KernelRnnLayer(GpuTools tools, GpuMemory memory, Rnn.Shape shape, int layer, int offset, Recurrence recurrence) {
        this.tools = tools;
        this.shape = shape;
        this.offset = offset;
        this.recurrence = recurrence;
        layout = RnnLayout.of(shape.layers(), layer);
        type = tools.products().factors();
        RecurrentCell cell = shape.layers().cell();
        boolean ids = layer == 0 && shape.input().ids();
        int width = recurrence.width();
        GpuMemory activations = memory.forPurpose(cell.title() + (cell.hasCell() ? " gates and cells" : " gates"));
        gates = shape.training() || (!ids && recurrence.inputSums().isNone())
                ? activations.space(recurrence.gates(), shape.rows(), width) : GpuView.NONE;
        CudaType ofKept = recurrence.kept();
        kept = ofKept == null ? GpuView.NONE
                : activations.space(ofKept, shape.training() && recurrence.keepsAll() ? shape.rows() : shape.batch(),
                        shape.hidden());
        GpuMemory states = memory.forPurpose("state");
        copied = new State(states.space(type, shape.batch(), shape.hidden()),
                cell.hasCell() ? states.space(CudaType.FLOAT32, shape.batch(), shape.hidden()) : GpuView.NONE);
        GpuMemory weights = memory.forPurpose("bf16 weights");
        if (!recurrence.slots().equals(GateInterleaving.NONE)) {
            // Ids look up the rows of an interleaved kernel in float32.
            kernel = weights.space(ids ? CudaType.FLOAT32 : type, layout.inputs(), width);
            recurrent = GpuView.NONE;
        } else if (type == CudaType.FLOAT32) {
            kernel = GpuView.NONE;
            recurrent = GpuView.NONE;
        } else {
            // Rows that ids look up are no factors of products, and stay float32. One launch converts both kernels.
            int first = ids ? layout.recurrentOffset() : 0;
            GpuView both = weights.space(type, 1, layout.biasOffset() - first);
            kernel = ids ? GpuView.NONE : GpuView.of(both.pointer(), type, layout.inputs(), width);
            recurrent = GpuView.of(both.columns(layout.recurrentOffset() - first, 1).pointer(), type, shape.hidden(),
                    width);
        }
    }

    /** This layer's values in a pass over all steps. */
    LayerPass pass(GpuMatrix weights, GpuView x, GpuView y) {
        Tensors exact = layout.tensors(weights, offset);
        Tensors factors = new Tensors(kernel.isNone() ? exact.kernel() : kernel,
                recurrent.isNone() ? exact.recurrent() : recurrent, exact.bias());
        GpuView sums = x.type() == CudaType.INT32 ? factors.kernel()
                : recurrence.inputSums().isNone() ? gates : recurrence.inputSums();
        return new LayerPass(exact, factors, new Input(x, sums), startsAtZero ? State.NONE : copied,
                new Output(y, shape.training() ? gates : GpuView.NONE, kept), shape.batch());
    }

    Recurrence recurrence() {
        return recurrence;
    }

    Tensors gradients(GpuMatrix flat) {
        return layout.tensors(flat, offset);
    }

    /** Begins a forward pass from {@code state}. {@link #inputSums}, {@link #steps} and {@link #end} follow. */
    LayerPass begin(GpuMatrix weights, GpuView x, State state, GpuView y) {
        startsAtZero = state.hidden().isNone();
        if (!startsAtZero) {
            tools.copy(state.hidden(), copied.hidden());
        }
        if (keepsCells()) {
            tools.copy(state.cell(), copied.cell());
        }
        LayerPass pass = pass(weights, x, y);
        convert(pass);
        return pass;
    }

    private boolean keepsCells() {
        return !startsAtZero && !copied.cell().isNone();
    }

    /** Computes the products of an input of numbers over the steps of a part. */
    void inputSums(LayerPass pass, TimeParts parts, int part) {
        if (!pass.input().ids()) {
            int first = parts.firstRow(part);
            int rows = parts.rows(part);
            tools.products().multiply(pass.input().x().rows(first, rows), pass.factors().kernel(), 0,
                    pass.input().sums().rows(first, rows));
        }
    }

    /** Runs the steps of a part. */
    void steps(LayerPass pass, TimeParts parts, int part) {
        recurrence.forward(pass, parts.step(part), parts.step(part + 1));
    }

    /** Writes the last state after all steps. */
    void end(LayerPass pass, State state) {
        if (!startsAtZero) {
            tools.copy(pass.step(shape.steps() - 1).y(), state.hidden());
        }
        if (keepsCells()) {
            tools.copy(pass.kept(shape.steps() - 1), state.cell());
        }
    }

    /** Converts the weights that are needed in another type or column order. */
    private void convert(LayerPass pass) {
        Tensors weights = pass.weights();
        if (!recurrence.slots().equals(GateInterleaving.NONE)) {
            recurrence.slots().interleave(tools.kernels(), weights.kernel(), kernel);
        } else if (!recurrent.isNone()) {
            boolean both = !kernel.isNone();
            int count = layout.biasOffset() - (both ? 0 : layout.recurrentOffset());
            tools.kernels().each(Kernel.CONVERT, count, both ? weights.kernel() : weights.recurrent(),
                    both ? kernel : recurrent, count, 1);
        }
    }
}
