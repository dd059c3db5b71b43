package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuInts;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.GpuView;
import org.charlstm.device.host.Shapes;
import org.jspecify.annotations.Nullable;

/** Stacked recurrent layers: a {@link Recurrence} runs the time steps, and products do the rest. */
final class KernelRnn implements Rnn {
    private final GpuContext context;
    private final Rnn.Shape shape;
    private final int offset;
    private final int size;
    /** Whether this network's part of the flat buffers holds one layer's tensors and no gaps. */
    private final boolean whole;
    private final KernelRnnLayer[] layers;
    private final TimeParts parts;
    /** h of each layer below the highest, (T B,H); h of the highest layer is the output. */
    private final GpuMatrix[] between;
    /** Null in inference. */
    private final @Nullable KernelRnnBackward backward;

    KernelRnn(GpuTools tools, GpuMemory memory, TimeParts parts, int offset, Recurrence recurrence) {
        context = tools.context();
        this.parts = parts;
        shape = parts.shape();
        this.offset = offset;
        size = RnnLayout.of(shape.layers()).size();
        int rows = shape.layers().inputs(0) + shape.hidden() + shape.layers().cell().biasRows();
        whole = shape.layers().count() == 1 && size == rows * shape.layers().width();
        layers = new KernelRnnLayer[shape.layers().count()];
        between = new GpuMatrix[layers.length - 1];
        int at = offset;
        for (int l = 0; l < layers.length; l++) {
            layers[l] = new KernelRnnLayer(tools, memory, shape, l, at, recurrence);
            at += RnnLayout.of(shape.layers(), l).size();
            if (l < between.length) {
                between[l] = memory.forPurpose("activations").matrix(shape.rows(), shape.hidden());
            }
        }
        backward = shape.training() ? new KernelRnnBackward(tools, memory, parts, recurrence) : null;
    }

    private GpuView input(Input input, int layer) {
        if (layer > 0) {
            return between[layer - 1].view();
        }
        return switch (input) {
            case Input.Ids(Ints ids) -> GpuView.of(GpuInts.pointer(ids), CudaType.INT32, shape.rows(), 1);
            case Input.Dense(Matrix matrix) -> GpuMatrix.of(matrix).view();
        };
    }

    /** A layer's part of a state; none for zeros. */
    private LayerPass.State part(Rnn.@Nullable State state, int layer) {
        return state == null ? LayerPass.State.NONE
                : new LayerPass.State(part(state.hidden(), layer), part(state.cell(), layer));
    }

    private GpuView part(@Nullable Matrix of, int layer) {
        return of == null ? GpuView.NONE : GpuMatrix.of(of, layers.length * shape.batch(), shape.hidden()).view()
                .rows(layer * shape.batch(), shape.batch());
    }

    private GpuView output(Matrix output, int layer) {
        GpuMatrix top = GpuMatrix.of(output, shape.rows(), shape.hidden());
        return (layer == between.length ? top : between[layer]).view();
    }

    @Override
    public void forward(Matrix weights, Input input, Rnn.@Nullable State state, Matrix output) {
        forward(weights, input, state, output, TimeParts.whole(shape), part -> {});
    }

    @Override
    public int parts() {
        return parts.count();
    }

    @Override
    public void forward(Matrix weights, Input input, Rnn.@Nullable State state, Matrix output, IntConsumer afterPart) {
        if (parts.count() == 1) {
            forward(weights, input, state, output, parts, afterPart);
        } else {
            int last = parts.count() - 1;
            forward(weights, input, state, output, parts, part -> {
                if (part < last) {
                    context.beside(() -> afterPart.accept(part));
                } else {
                    // Nothing runs beside the last part, and a join after this part would delay the next launch.
                    context.join();
                    afterPart.accept(part);
                }
            });
        }
    }

    /** Runs the highest layer in parts, and calls back after each part. */
    private void forward(Matrix weights, Input input, Rnn.@Nullable State state, Matrix output, TimeParts ofHighest,
            IntConsumer afterPart) {
        Shapes.input(input, shape);
        Shapes.state(state, shape);
        for (int l = 0; l < layers.length; l++) {
            boolean highest = l == between.length;
            layers[l].forward(GpuMatrix.of(weights), input(input, l), part(state, l), output(output, l),
                    highest ? ofHighest : TimeParts.whole(shape), highest ? afterPart : part -> {});
        }
    }

    @Override
    public void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient,
            @Nullable Matrix inputGradient, Rnn.@Nullable State stateGradient, Matrix gradients) {
        Shapes.backward(input, inputGradient, shape);
        Shapes.state(stateGradient, shape);
        KernelRnnBackward pass = Objects.requireNonNull(backward, "made for training");
        GpuView dy = GpuMatrix.of(outputGradient, shape.rows(), shape.hidden()).view();
        GpuView lowest = inputGradient == null ? GpuView.NONE : GpuMatrix.of(inputGradient).view();
        GpuMatrix flat = GpuMatrix.of(gradients);
        // Zeroing would stand between two launches, and the second launch could not begin early.
        if (!whole || !pass.writesAll()) {
            flat.buffer().view(offset, size).zero();
            context.early().others();
        }
        for (int l = layers.length - 1; l >= 0; l--) {
            // A layer no longer needs dL/dh when it writes dL/dx, so both share one buffer.
            LayerPass of = layers[l].pass(GpuMatrix.of(weights), input(input, l), output(output, l));
            pass.run(of, dy, l == 0 ? lowest : dy, stateGradient != null, layers[l].gradients(flat));
            if (stateGradient != null) {
                pass.toState(of, part(stateGradient, l));
            }
        }
    }
}
