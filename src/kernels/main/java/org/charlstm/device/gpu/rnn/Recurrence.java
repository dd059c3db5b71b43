package org.charlstm.device.gpu.rnn;

import org.charlstm.cuda.CudaType;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.rnn.LayerPass.Gradients;
import org.charlstm.device.gpu.rnn.LayerPass.Tensors;
import org.charlstm.device.gpu.tools.GateInterleaving;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuProducts;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.GpuView;
import org.charlstm.device.gpu.tools.Kernels;
import org.jspecify.annotations.Nullable;

/** Launches the kernels that run the time steps of a layer, one after the other. */
abstract class Recurrence {
    final Kernels kernels;
    final GpuProducts products;
    final Rnn.Shape shape;
    final GpuMemory workspace;
    /** dL/dc before the first of the steps that {@link #backward} went through, (B,H) in float32; none without c. */
    final GpuView cellGradient;

    Recurrence(GpuTools tools, GpuMemory memory, Rnn.Shape shape) {
        kernels = tools.kernels();
        products = tools.products();
        this.shape = shape;
        RecurrentCell cell = shape.layers().cell();
        workspace = memory.forPurpose(cell.title() + " workspace");
        cellGradient = shape.training() && cell.hasCell()
                ? workspace.space(CudaType.FLOAT32, shape.batch(), shape.hidden()) : GpuView.NONE;
    }

    /** The type of the gates that a layer keeps in training; in inference it keeps none. */
    CudaType gates() {
        return CudaType.FLOAT32;
    }

    /** The type of what a layer keeps of each unit and step beside its gates, such as c; null for nothing. */
    @Nullable
    CudaType kept() {
        return shape.layers().cell().hasCell() ? CudaType.FLOAT32 : null;
    }

    /** Whether that is kept of all steps in training, not of the last one alone. */
    boolean keepsAll() {
        return true;
    }

    /** The first columns of the recurrent kernel, which h of the step before multiplies, {@link #kept} the others. */
    int hiddenColumns() {
        return width();
    }

    /** How the kernel, its products and dL/dz are interleaved. */
    GateInterleaving slots() {
        return GateInterleaving.NONE;
    }

    /** The same for the recurrent kernel, whose products have the same dL/dz. */
    GateInterleaving recurrentSlots() {
        return slots();
    }

    /** Columns of dL/dz. */
    final int width() {
        return Math.max(shape.layers().width(), slots().width());
    }

    /** Where the products of an input of numbers go, (T B,G H) in float32; none if the gates take their place. */
    GpuView inputSums() {
        return GpuView.NONE;
    }

    /** Whether {@link #backward}, of all steps at once, prepares the recurrent kernel's gradient, too. */
    boolean addsUpWeights() {
        return false;
    }

    /**
     * So many symbols whose rows of the kernel it prepares besides, with the bias, for a layer whose input is ids or
     * not; 0 where others compute these from the sums' gradients.
     */
    int symbols(boolean ids) {
        return 0;
    }

    /** Writes the gradients of a layer's weights that {@link #backward} has prepared. */
    void weights(boolean ids, Tensors gradients) {
    }

    /** Runs the steps from one to before another, and writes their output. */
    abstract void forward(LayerPass pass, int from, int to);

    /**
     * Goes back from the step before {@code to} to {@code from}, after later ones, and writes sums' gradients, where
     * there is a place for them.
     */
    abstract void backward(LayerPass pass, Gradients gradients, int from, int to);

    /**
     * Writes dL/dh before the first step, (B,H) of the factors' type, after {@link #backward} of all, from the
     * gradients of the recurrent sums of the first step. The recurrent kernel is laid out as these are.
     */
    void toHidden(GpuView recurrent, GpuView sums, GpuView hidden) {
        products.multiply(sums, recurrent.transpose(), 0, hidden);
    }
}
