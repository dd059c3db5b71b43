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

/**
 * Launches the kernels that run the time steps of a layer. {@link KernelRnnLayer} and {@link KernelRnnBackward} do the
 * rest and call the hooks in this order. A subclass must fill {@link #forward} and {@link #backward} only.
 *
 * <p>When built, for each layer: {@link #slots}, {@link #inputSums}, {@link #gates}, {@link #kept} and {@link
 * #keepsAll}; then for training {@link #addsUpWeights} and {@link #symbols}. Forward: {@link #slots}, {@link
 * #inputSums}, then {@link #forward} for each part. Backward, from the highest layer down: {@link #symbols}, then
 * {@link #backward} for each part, the last part first. {@link #weights} follows if the recurrence adds up weights;
 * otherwise {@link #hiddenColumns} and {@link #recurrentSlots} shape the products. If dL/dh before the first step is
 * wanted, {@link #toHidden} comes last.
 */
abstract class Recurrence {
    final Kernels kernels;
    final GpuProducts products;
    final Rnn.Shape shape;
    final GpuMemory workspace;
    /** dL/dc before the first step that {@link #backward} has reached, (B,H) in float32; none without c. */
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

    /** The type of the gates that a layer keeps for the backward pass. */
    CudaType gates() {
        return CudaType.FLOAT32;
    }

    /** The type of a value, such as c, that a layer keeps for each unit beside the gates; null for no value. */
    @Nullable
    CudaType kept() {
        return shape.layers().cell().hasCell() ? CudaType.FLOAT32 : null;
    }

    /** Whether training keeps the {@link #kept} values of all steps; otherwise of the last step only. */
    boolean keepsAll() {
        return true;
    }

    /** Columns of the recurrent kernel for the product with the previous h; the rest is for {@link #kept}. */
    int hiddenColumns() {
        return width();
    }

    /** How the gates of the kernel, of the kernel's products and of dL/dz are interleaved. */
    GateInterleaving slots() {
        return GateInterleaving.NONE;
    }

    /** How the recurrent kernel and its products are interleaved; dL/dz is the same as for {@link #slots}. */
    GateInterleaving recurrentSlots() {
        return slots();
    }

    /** Columns of dL/dz. */
    final int width() {
        return Math.max(shape.layers().width(), slots().width());
    }

    /** Memory for the products of an input of numbers, (T B,G H) in float32; none if they go to the gates. */
    GpuView inputSums() {
        return GpuView.NONE;
    }

    /** Whether {@link #backward}, called once for all steps, also adds up the recurrent kernel's gradient. */
    boolean addsUpWeights() {
        return false;
    }

    /**
     * The number of symbols (rows of the kernel) whose gradients {@link #backward} also adds up, together with the
     * bias' gradient; 0 if the caller computes these from the gradients of the sums.
     */
    int symbols(boolean ids) {
        return 0;
    }

    /** Writes the weight gradients that {@link #backward} has added up. */
    void weights(boolean ids, Tensors gradients) {
    }

    /** Runs the steps from {@code from} to {@code to - 1} and writes their output. */
    abstract void forward(LayerPass pass, int from, int to);

    /**
     * Runs the backward pass of the steps from {@code to - 1} down to {@code from}; the later steps have run before.
     * Writes the gradients of the sums where {@code gradients} has memory for them.
     */
    abstract void backward(LayerPass pass, Gradients gradients, int from, int to);

    /**
     * Writes dL/dh before the first step, (B,H) of the factors' type, after {@link #backward} of all steps. {@code
     * sums} are the gradients of the first step's recurrent sums; {@code recurrent} has the same column order.
     */
    void toHidden(GpuView recurrent, GpuView sums, GpuView hidden) {
        products.multiply(sums, recurrent.transpose(), 0, hidden);
    }
}
