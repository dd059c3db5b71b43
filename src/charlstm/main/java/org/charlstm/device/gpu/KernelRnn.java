package org.charlstm.device.gpu;

import java.util.Objects;
import java.util.function.IntConsumer;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.host.Shapes;
import org.jspecify.annotations.Nullable;

/** Stacked recurrent layers: a {@link Recurrence} runs the time steps, and products do the rest. */
final class KernelRnn implements Rnn {
    private final GpuContext context;
    private final Rnn.Shape shape;
    private final int offset;
    private final int size;
    private final KernelRnnLayer[] layers;
    private final TimeParts parts;
    /** h of each layer but the highest, whose h is the output: (T B,H). */
    private final GpuMatrix[] between;
    /** Null in inference. */
    private final @Nullable KernelRnnBackward backward;

    /** For weights that begin at an offset. */
    KernelRnn(GpuTools tools, GpuMemory memory, TimeParts parts, int offset, Recurrence recurrence) {
        context = tools.context();
        this.parts = parts;
        shape = parts.shape();
        this.offset = offset;
        size = RnnLayout.of(shape.layers()).size();
        layers = new KernelRnnLayer[shape.layers().count()];
        between = new GpuMatrix[layers.length - 1];
        int at = offset;
        for (int l = 0; l < layers.length; l++) {
            layers[l] = new KernelRnnLayer(tools, memory, shape, l, at, recurrence);
            at += layers[l].layout.size();
            if (l < between.length) {
                between[l] = memory.forPurpose("activations").matrix(shape.rows(), shape.hidden());
            }
        }
        backward = shape.training() ? new KernelRnnBackward(tools, memory, parts, recurrence) : null;
    }

    /** The pointer to a layer's ids or numbers. */
    private long input(Input input, int layer) {
        if (layer > 0) {
            return between[layer - 1].pointer();
        }
        return switch (input) {
            case Input.Ids(Ints ids) -> GpuInts.pointer(ids);
            case Input.Dense(Matrix matrix) -> GpuMatrix.of(matrix).pointer();
        };
    }

    /** The pointer to a layer's part of a state; 0 for zeros, or where the cell has no c. */
    private long part(Rnn.@Nullable State state, boolean cell, int layer) {
        Matrix of = state == null ? null : cell ? state.cell() : state.hidden();
        if (of == null) {
            return 0;
        }
        GpuMatrix all = GpuMatrix.of(of, layers.length * shape.batch(), shape.hidden());
        return all.pointer() + layer * layers[layer].stepBytes(all.type());
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
            forward(weights, input, state, output, parts, part -> context.beside(() -> afterPart.accept(part)));
            context.join();
        }
    }

    /** The highest layer runs in parts, and calls back after each. */
    private void forward(Matrix weights, Input input, Rnn.@Nullable State state, Matrix output, TimeParts ofHighest,
            IntConsumer afterPart) {
        Shapes.input(input, shape);
        Shapes.state(state, shape);
        GpuMatrix top = GpuMatrix.of(output, shape.rows(), shape.hidden());
        for (int l = 0; l < layers.length; l++) {
            boolean highest = l == between.length;
            layers[l].forward(GpuMatrix.of(weights), input(input, l), part(state, false, l), part(state, true, l),
                    (highest ? top : between[l]).pointer(), highest ? ofHighest : TimeParts.whole(shape),
                    highest ? afterPart : part -> {});
        }
    }

    @Override
    public void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient,
            @Nullable Matrix inputGradient, Rnn.@Nullable State stateGradient, Matrix gradients) {
        Shapes.backward(input, inputGradient, shape);
        Shapes.state(stateGradient, shape);
        KernelRnnBackward pass = Objects.requireNonNull(backward, "made for training");
        GpuMatrix top = GpuMatrix.of(output, shape.rows(), shape.hidden());
        long dy = GpuMatrix.of(outputGradient, shape.rows(), shape.hidden()).pointer();
        long lowest = inputGradient == null ? 0 : GpuMatrix.of(inputGradient).pointer();
        GpuMatrix flat = GpuMatrix.of(gradients);
        flat.buffer().view(offset, size).zero();
        for (int l = layers.length - 1; l >= 0; l--) {
            // A layer no longer needs dL/dh when it writes the gradient of its input, so both share one buffer.
            pass.run(layers[l], GpuMatrix.of(weights), input(input, l),
                    (l == between.length ? top : between[l]).pointer(), dy, l == 0 ? lowest : dy, flat);
            if (stateGradient != null) {
                pass.toState(layers[l], GpuMatrix.of(weights), part(stateGradient, false, l),
                        part(stateGradient, true, l));
            }
        }
    }
}
