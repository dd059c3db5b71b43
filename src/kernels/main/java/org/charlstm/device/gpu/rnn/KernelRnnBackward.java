package org.charlstm.device.gpu.rnn;

import java.util.Objects;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.Activation;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.rnn.LayerPass.Gradients;
import org.charlstm.device.gpu.rnn.LayerPass.State;
import org.charlstm.device.gpu.rnn.LayerPass.Tensors;
import org.charlstm.device.gpu.tools.BiasGradient;
import org.charlstm.device.gpu.tools.EmbeddingGradient;
import org.charlstm.device.gpu.tools.GateInterleaving;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.GpuView;
import org.jspecify.annotations.Nullable;

/**
 * The backward pass of layers of a {@link KernelRnn} that share one workspace. A {@link Recurrence} launches the
 * kernels of the time steps, which compute the gradients of the gates' sums. Products over the steps of each part give
 * the weights' gradients. These products run beside the recurrence of the part before; the parts' results are then
 * added up. A recurrence may {@linkplain Recurrence#addsUpWeights add up} some of these itself.
 */
final class KernelRnnBackward {
    private final GpuTools tools;
    private final Rnn.Shape shape;
    private final int width;
    private final CudaType type;
    private final GpuView ofInputSums;
    private final GpuView ofRecurrentSums;
    private final Recurrence recurrence;
    private final TimeParts parts;
    /** Whether the recurrent sums have a bias, and so gradients, of their own. */
    private final boolean apart;
    /** The kernel's gradient in a layer on ids; null if there is no such layer. */
    private final @Nullable EmbeddingGradient embedding;
    /** The biases' gradients in layers on numbers, and of the recurrent sums' bias; null if neither exists. */
    private final @Nullable BiasGradient bias;
    /** Each part's contribution to the gradients of both kernels; none if products write the gradients directly. */
    private final GpuView recurrentParts;
    private final GpuView kernelParts;
    /** The recurrent kernel with interleaved gates; none if dL/dz is not interleaved. */
    private final GpuView interleaved;

    KernelRnnBackward(GpuTools tools, GpuMemory memory, TimeParts given, Recurrence recurrence) {
        this.tools = tools;
        shape = given.shape();
        boolean added = recurrence.addsUpWeights();
        parts = given.ofBackward(added);
        this.recurrence = recurrence;
        width = recurrence.width();
        boolean interleaves = !recurrence.slots().equals(GateInterleaving.NONE);
        type = tools.products().factors();
        GpuMemory workspace = memory.forPurpose(shape.layers().cell().title() + " workspace");
        apart = shape.layers().cell().biasRows() > 1;
        ofInputSums = workspace.space(type, shape.rows(), width);
        ofRecurrentSums = apart && !interleaves ? workspace.space(type, shape.rows(), width) : ofInputSums;
        boolean ids = shape.input().ids();
        boolean numbers = !ids || shape.layers().count() > 1;
        boolean lookedUp = ids && recurrence.symbols(true) == 0;
        embedding = lookedUp ? new EmbeddingGradient(tools.kernels(), workspace, parts.count(),
                parts.mostRows(), width, shape.input().columns()) : null;
        bias = numbers || apart
                ? new BiasGradient(tools.kernels(), workspace, Activation.LINEAR, shape.rows(), width) : null;
        if (given.count() > 1) {
            tools.products().openBeside(0);
        }
        boolean inParts = parts.count() > 1 || interleaves;
        recurrentParts = inParts && !added ? partsOf(workspace, shape.hidden()) : GpuView.NONE;
        interleaved = interleaves ? workspace.space(type, shape.hidden(), width) : GpuView.NONE;
        kernelParts = inParts && numbers
                ? partsOf(workspace, Math.max(ids ? 0 : shape.input().columns(), shape.hidden())) : GpuView.NONE;
    }

    /** Whether a {@link Run} of the lowest layer writes all gradients, which then need not begin as zeros. */
    boolean writesAll() {
        return recurrence.symbols(shape.input().ids()) > 0;
    }

    /** Memory for each part's contribution to the gradient of a kernel with {@code inputs} rows. */
    private GpuView partsOf(GpuMemory workspace, int inputs) {
        return workspace.space(CudaType.FLOAT32, inputs * parts.count(), width);
    }

    /**
     * The backward pass of one layer. dL/dx may overwrite dL/dh, and is not used for ids. The gradients must begin as
     * zeros, unless {@link #writesAll}. {@code toState} tells whether {@link #toState} will be called at the end.
     */
    final class Run {
        private final LayerPass pass;
        private final GpuView dx;
        private final Tensors gradients;
        private final Gradients all;
        private final boolean ids;
        /** Whether the recurrence adds up all gradients of the weights. */
        private final boolean added;

        Run(LayerPass pass, GpuView dy, GpuView dx, boolean toState, Tensors gradients) {
            this.pass = pass;
            this.dx = dx;
            this.gradients = gradients;
            ids = pass.input().ids();
            added = recurrence.symbols(ids) > 0;
            // A part reads the gradients of the step after it.
            boolean noSums = added && !toState && parts.count() == 1;
            all = new Gradients(dy, noSums ? GpuView.NONE : ofInputSums, noSums ? GpuView.NONE : ofRecurrentSums);
        }

        /** Runs the steps of all parts, and the products beside them. */
        void steps() {
            for (int part = parts.count() - 1; part >= 0; part--) {
                steps(part);
            }
        }

        /** Runs the steps of a part on the current stream, and the products of the weights' gradients beside them. */
        void steps(int part) {
            recurrence.backward(pass, all, parts.step(part), parts.step(part + 1));
            beside(() -> {
                if (!recurrence.addsUpWeights()) {
                    recurrentGradient(pass, part, place(recurrentParts, part, gradients.recurrent()));
                }
                if (!ids) {
                    kernelGradient(pass, part, place(kernelParts, part, gradients.kernel()));
                } else if (!added) {
                    Objects.requireNonNull(embedding, "made for ids").part(part, parts.firstRow(part),
                            parts.rows(part), pass.input().x().pointer(), ofInputSums.pointer(), type.bf16());
                }
                if (!parts.sideBySide()) {
                    inputGradient(part);
                }
            });
            if (parts.sideBySide()) {
                // The layer below waits for this.
                inputGradient(part);
            }
        }

        private void inputGradient(int part) {
            if (!ids) {
                int first = parts.firstRow(part);
                int rows = parts.rows(part);
                tools.products().multiply(ofInputSums.rows(first, rows), pass.factors().kernel().transpose(), 0,
                        dx.rows(first, rows));
            }
        }

        /** Adds up the gradients of the weights after all steps. */
        void end() {
            if (parts.count() > 1) {
                tools.context().join();
            }
            if (recurrence.addsUpWeights()) {
                recurrence.weights(ids, gradients);
            } else if (shape.steps() > 1 || !pass.startsAtZero()) {
                // A single step that starts from zeros adds nothing to the recurrent gradient.
                addParts(recurrentParts, gradients.recurrent(), recurrence.recurrentSlots());
            }
            if (added) {
                return;
            }
            long ofBias = gradients.bias().pointer();
            if (ids) {
                Objects.requireNonNull(embedding, "made for ids").sum(gradients.kernel().pointer(),
                        recurrence.slots());
                // Each id names one row of the kernel, so the bias' gradient is the sum of the rows' gradients.
                BiasGradient.sum(tools.kernels(), gradients.kernel().pointer(), ofBias,
                        shape.layers().width(), gradients.kernel().rows());
            } else {
                addParts(kernelParts, gradients.kernel(), recurrence.slots());
                Objects.requireNonNull(bias, "made for numbers").run(ofInputSums.pointer(), 0, type.bf16(), ofBias,
                        recurrence.slots());
            }
            if (apart) {
                Objects.requireNonNull(bias, "made for its second row").run(ofRecurrentSums.pointer(), 0,
                        type.bf16(), gradients.bias().rows(1, 1).pointer(), recurrence.recurrentSlots());
            }
        }

        /** Writes the gradients of the first state, of the activations' type, after {@link #end}. */
        void toState(State gradient) {
            if (!interleaved.isNone()) {
                recurrence.recurrentSlots().interleave(tools.kernels(), pass.weights().recurrent(), interleaved);
            }
            recurrence.toHidden(interleaved.isNone() ? pass.factors().recurrent() : interleaved,
                    ofRecurrentSums.rows(0, shape.batch()), gradient.hidden());
            if (!gradient.cell().isNone()) {
                tools.copy(recurrence.cellGradient, gradient.cell());
            }
        }
    }

    /** Runs work beside the recurrence, or in order if there is only one part. */
    private void beside(Runnable work) {
        if (parts.count() > 1) {
            tools.context().beside(work);
        } else {
            work.run();
        }
    }

    /** The place for a part's contribution to a kernel's gradient: the gradient itself if no parts are added up. */
    private static GpuView place(GpuView all, int part, GpuView gradient) {
        return all.isNone() ? gradient : all.rows(part * gradient.rows(), gradient.rows());
    }

    private void addParts(GpuView all, GpuView gradient, GateInterleaving slots) {
        if (!all.isNone()) {
            BiasGradient.sum(tools.kernels(), all.pointer(), gradient.pointer(), gradient.rows() * width,
                    parts.count(), slots);
        }
    }

    /** The gradient of the kernel over the steps of a part, for an input of numbers. */
    private void kernelGradient(LayerPass pass, int part, GpuView to) {
        int first = parts.firstRow(part);
        int rows = parts.rows(part);
        tools.products().multiply(pass.input().x().rows(first, rows).transpose(), ofInputSums.rows(first, rows), 0, to);
    }

    /** The transpose of the previous step's h, times dL/dz; from zeros, the first step adds nothing. */
    private void recurrentGradient(LayerPass pass, int part, GpuView to) {
        int batch = shape.batch();
        int skipped = part == 0 && pass.startsAtZero() ? batch : 0;
        int first = parts.firstRow(part) + skipped;
        int rows = parts.rows(part) - skipped;
        if (rows == 0) {
            return;
        }
        int columns = recurrence.hiddenColumns();
        GpuView dz = ofRecurrentSums.rows(first, rows);
        GpuView before = first > 0 ? pass.output().y().rows(first - batch, rows) : fromFirst(pass, rows);
        tools.products().multiply(before.transpose(), dz.columns(0, columns), 0, to.columns(0, columns));
        if (columns < width) {
            GpuView kept = pass.output().kept().rows(first, rows);
            int others = width - columns;
            tools.products().multiply(kept.transpose(), dz.columns(columns, others), 0, to.columns(columns, others));
        }
    }

    /** The previous h of each of the first steps, copied over the gates of these steps, which are no longer needed. */
    private GpuView fromFirst(LayerPass pass, int rows) {
        int batch = shape.batch();
        GpuView before = GpuView.of(pass.output().gates().pointer(), type, rows, shape.hidden());
        tools.copy(pass.first().hidden(), before.rows(0, batch));
        if (rows > batch) {
            tools.copy(pass.output().y().rows(0, rows - batch), before.rows(batch, rows - batch));
        }
        return before;
    }
}
