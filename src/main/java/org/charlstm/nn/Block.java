package org.charlstm.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.charlstm.device.Head;
import org.charlstm.device.Lstm;
import org.charlstm.device.Lstm.Input;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.Sampling;
import org.charlstm.device.WeightLayout;
import org.jspecify.annotations.Nullable;

/** What a device computes as one: a layer, or LSTM layers of one size with nothing between them. */
interface Block {
    /** The tensors of its weights, in the order in which its layout takes them. */
    List<TensorSpec> tensors();

    /** How those of them that are trained lie in the flat buffers. */
    WeightLayout layout(Operations operations);

    /**
     * The computation for one shape.
     *
     * @param place where
     * @param below what gives its input; null for the lowest
     * @return null where there is nothing to compute
     */
    @Nullable
    Pass pass(Place place, @Nullable Pass below);

    /**
     * Where a computation takes place.
     *
     * @param masks      for masks; null without a backward pass
     * @param offset     where the block's weights begin in the flat buffers
     * @param untrained  where those that are not trained begin in the buffer of the weights
     * @param head       the head that may take its output, all rows in one part; null for none
     */
    record Place(Operations operations, Memory memory, int steps, int batch, @Nullable MaskSeed masks, int offset,
            int untrained, Head.@Nullable Shape head) {
        boolean training() {
            return masks != null;
        }

        int rows() {
            return Math.multiplyExact(steps, batch);
        }
    }

    /** A block at work on one shape. Rows are time-major. */
    abstract class Pass {
        /** What it gives, (T B, units). */
        final Matrix output;
        /** Where the layer above puts the gradient of what this gives; without a backward pass, the output. */
        final Matrix outputGradient;

        Pass(Matrix output, Matrix outputGradient) {
            this.output = output;
            this.outputGradient = outputGradient;
        }

        /** Computes the output; the state is null for zeros, or where {@link #state} gives none. */
        abstract void forward(Matrix weights, Input input, Lstm.@Nullable State state);

        /** The rows of each part in which the output can be had, one before the others are there. */
        List<Integer> partRows() {
            return List.of(output.rows());
        }

        /** Computes the output, and tells of each part as {@code Lstm} does. */
        void forward(Matrix weights, Input input, Lstm.@Nullable State state, IntConsumer told) {
            forward(weights, input, state);
            told.accept(0);
        }

        /** The gradients of the weights and, unless it is null, of the input. */
        abstract void backward(Matrix weights, Input input, @Nullable Matrix inputGradient, Matrix gradients);

        /** The same, and of the state before the first step, if it carries one. */
        void backward(Matrix weights, Input input, @Nullable Matrix inputGradient, Lstm.@Nullable State stateGradient,
                Matrix gradients) {
            backward(weights, input, inputGradient, gradients);
        }

        /** The same as data, with the state if it carries one; null where it is none of the layers that can be. */

        Sampling.@Nullable Layer placed(Lstm.@Nullable State state) {
            return null;
        }

        /** What it carries from one step to the next, zeros at first; null where it carries nothing. */

        Lstm.@Nullable State state(Memory memory) {
            return null;
        }
    }

    /** The blocks of a model, the lowest first. */
    static List<Block> of(ModelConfig config) {
        List<Block> blocks = new ArrayList<>();
        List<ModelConfig.Named> layers = config.named();
        if (config.features() > 0) {
            blocks.add(Conditioning.of(config.features(), config.layers()));
        }
        for (int from = 0; from < layers.size();) {
            int to = from + 1;
            switch (layers.get(from).layer()) {
                case LstmLayer lstm -> {
                    // As one, so that cuDNN can run a step of one layer beside an earlier one of the next.
                    while (to < layers.size() && layers.get(to).layer().equals(lstm)) {
                        to++;
                    }
                    blocks.add(new LstmLayer.Stack(lstm, layers.subList(from, to), from == 0));
                }
                case DenseLayer dense -> blocks.add(new DenseLayer.OnDevice(dense, layers.get(from),
                        to == layers.size()));
                case EmbeddingLayer embedding -> blocks.add(new EmbeddingLayer.OnDevice(embedding, layers.get(from)));
                case BatchNormLayer norm -> blocks.add(new BatchNormLayer.OnDevice(norm, layers.get(from)));
                case DropoutLayer dropout -> blocks.add(new DropoutLayer.OnDevice(dropout,
                        (int) blocks.stream().filter(DropoutLayer.OnDevice.class::isInstance).count()));
            }
            from = to;
        }
        return blocks;
    }
}
