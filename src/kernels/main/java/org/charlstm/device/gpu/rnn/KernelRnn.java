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
    /** For each layer, with a workspace of its own if layers run side by side, and a shared one otherwise. */
    private final KernelRnnBackward[] backward;

    KernelRnn(GpuTools tools, GpuMemory memory, TimeParts parts, int offset,
            BiFunction<GpuMemory, TimeParts, Recurrence> steps) {
        context = tools.context();
        this.parts = parts;
        shape = parts.shape();
        this.offset = offset;
        size = RnnLayout.of(shape.layers()).size();
        int rows = shape.layers().inputs(0) + shape.hidden() + shape.layers().cell().biasRows();
        whole = shape.layers().count() == 1 && size == rows * shape.layers().width();
        layers = new KernelRnnLayer[shape.layers().count()];
        between = new GpuMatrix[layers.length - 1];
        backward = new KernelRnnBackward[shape.training() ? layers.length : 0];
        int at = offset;
        for (int l = 0; l < layers.length; l++) {
            TimeParts own = parts.sideBySide() ? parts.ofLayer(l) : parts;
            boolean shares = l > 0 && !parts.sideBySide();
            Recurrence recurrence = shares ? layers[0].recurrence() : steps.apply(memory, own);
            layers[l] = new KernelRnnLayer(tools, memory, shape, l, at, recurrence);
            if (shape.training()) {
                backward[l] = shares ? backward[0] : new KernelRnnBackward(tools, memory, own, recurrence);
            }
            at += RnnLayout.of(shape.layers(), l).size();
            if (l < between.length) {
                between[l] = memory.forPurpose("activations").matrix(shape.rows(), shape.hidden());
            }
        }
        if (parts.sideBySide()) {
            IntStream.range(1, layers.length).forEach(tools.products()::openBeside);
        }
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

    /** Calls back after each part of the highest layer. */
    private void forward(Matrix weights, Input input, Rnn.@Nullable State state, Matrix output, TimeParts ofHighest,
            IntConsumer afterPart) {
        Shapes.input(input, shape);
        Shapes.state(state, shape);
        if (parts.sideBySide()) {
            sideBySide(weights, input, state, output, afterPart);
            return;
        }
        TimeParts all = TimeParts.whole(shape);
        for (int l = 0; l < layers.length; l++) {
            boolean highest = l == between.length;
            LayerPass pass = layers[l].begin(GpuMatrix.of(weights), input(input, l), part(state, l), output(output, l));
            layers[l].inputSums(pass, all, 0);
            TimeParts own = highest ? ofHighest : all;
            for (int part = 0; part < own.count(); part++) {
                layers[l].steps(pass, own, part);
                if (highest) {
                    afterPart.accept(part);
                }
            }
            layers[l].end(pass, part(state, l));
        }
    }

    /** The highest layer runs on the current stream, and each other layer on a side stream. */
    private void sideBySide(Matrix weights, Input input, Rnn.@Nullable State state, Matrix output,
            IntConsumer afterPart) {
        int highest = between.length;
        LayerPass[] passes = new LayerPass[layers.length];
        for (int l = 0; l < layers.length; l++) {
            int layer = l;
            Runnable begin = () -> passes[layer] =
                    layers[layer].begin(GpuMatrix.of(weights), input(input, layer), part(state, layer),
                            output(output, layer));
            if (l < highest) {
                context.beside(side(l), begin);
            } else {
                begin.run();
            }
        }
        for (int p = 0; p < parts.count(); p++) {
            int part = p;
            for (int l = 0; l < highest; l++) {
                int layer = l;
                context.further(side(l), () -> forward(passes[layer], layer, part, part(state, layer)));
            }
            forward(passes[highest], highest, part, part(state, highest));
            afterPart.accept(part);
        }
    }

    /** Runs a part of a layer after this part of the layer below. */
    private void forward(LayerPass pass, int layer, int part, LayerPass.State state) {
        if (layer > 0) {
            context.join(side(layer - 1));
        }
        layers[layer].inputSums(pass, parts, part);
        layers[layer].steps(pass, parts, part);
        if (part == parts.count() - 1) {
            layers[layer].end(pass, state);
        }
    }

    /** The side stream of a layer below the highest; the first side stream is for the work beside the steps. */
    private static int side(int layer) {
        return layer + 1;
    }

    @Override
    public void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient,
            @Nullable Matrix inputGradient, Rnn.@Nullable State stateGradient, Matrix gradients) {
        Shapes.backward(input, inputGradient, shape);
        Shapes.state(stateGradient, shape);
        if (!shape.training()) {
            throw new IllegalStateException("made for inference");
        }
        GpuView dy = GpuMatrix.of(outputGradient, shape.rows(), shape.hidden()).view();
        GpuView lowest = inputGradient == null ? GpuView.NONE : GpuMatrix.of(inputGradient).view();
        GpuMatrix flat = GpuMatrix.of(gradients);
        // Zeroing would stand between two launches, and the second launch could not begin early.
        if (!whole || !backward[0].writesAll()) {
            flat.buffer().view(offset, size).zero();
            context.early().others();
        }
        KernelRnnBackward.Run[] runs = new KernelRnnBackward.Run[layers.length];
        for (int l = 0; l < layers.length; l++) {
            // A layer no longer needs dL/dh when it writes dL/dx, so both share one buffer.
            runs[l] = backward[l].new Run(layers[l].pass(GpuMatrix.of(weights), input(input, l), output(output, l)), dy,
                    l == 0 ? lowest : dy, stateGradient != null, layers[l].gradients(flat));
        }
        if (parts.sideBySide()) {
            for (int part = parts.count() - 1; part >= 0; part--) {
                descend(runs, between.length, part);
            }
            IntStream.range(0, between.length).map(KernelRnn::side).forEach(context::join);
        }
        for (int l = layers.length - 1; l >= 0; l--) {
            if (!parts.sideBySide()) {
                runs[l].steps();
            }
            runs[l].end();
            if (stateGradient != null) {
                runs[l].toState(part(stateGradient, l));
            }
        }
    }

    /** Runs a part of a layer on the current stream, and of each layer below on its side stream afterwards. */
    private void descend(KernelRnnBackward.Run[] runs, int layer, int part) {
        runs[layer].steps(part);
        if (layer > 0) {
            context.beside(side(layer - 1), () -> descend(runs, layer - 1, part));
        }
    }
}
