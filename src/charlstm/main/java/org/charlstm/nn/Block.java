package org.charlstm.nn;

import module java.base;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.spi.Head;
import org.charlstm.device.spi.Sampling;
import org.jspecify.annotations.Nullable;

/** The unit that a device computes at once: a layer, or a stack of equal adjacent recurrent layers. */
interface Block {
    /** The tensors. The layout holds the trained tensors in the same order. */
    List<TensorSpec> tensors();

    /** The layout of the trained tensors in the flat buffers. */
    WeightLayout layout(Operations operations);

    /** The computation for one shape, on the pass below (null for the lowest); null if nothing is computed. */
    @Nullable
    Pass pass(Context context, @Nullable Pass below);

    /**
     * The shape, buffers and offsets of a computation.
     *
     * @param masks     null without a backward pass
     * @param offset    the offset of the block's weights in the flat buffers
     * @param untrained the offset of the block's untrained tensors in the weights' buffer
     * @param head      the shape of the head that may take the output, all rows in one part; null for none
     */
    record Context(Operations operations, Memory memory, int steps, int batch, Network.@Nullable MaskSeed masks,
            int offset, int untrained, Head.@Nullable Shape head) {
        boolean training() {
            return masks != null;
        }

        int rows() {
            return Math.multiplyExact(steps, batch);
        }
    }

    /** The computation of a block for one shape. Rows are time-major. */
    abstract class Pass {
        /** The output, (T B, units). */
        final Matrix output;
        /** The gradient of the output, written by the layer above; the output itself without a backward pass. */
        final Matrix outputGradient;

        Pass(Matrix output, Matrix outputGradient) {
            this.output = output;
            this.outputGradient = outputGradient;
        }

        /** Computes the output. A null state stands for zeros, or for a layer without state. */
        abstract void forward(Matrix weights, Input input, Rnn.@Nullable State state);

        /** The number of rows of each part of the output; a part can be used before later parts are computed. */
        List<Integer> partRows() {
            return List.of(output.rows());
        }

        /** Computes the output and reports each part by its number, as {@code Rnn} does. */
        void forward(Matrix weights, Input input, Rnn.@Nullable State state, IntConsumer computed) {
            forward(weights, input, state);
            computed.accept(0);
        }

        /** Computes the gradients of the weights, the input and the initial state; the last two may be null. */
        abstract void backward(Matrix weights, Input input, @Nullable Matrix inputGradient,
                Rnn.@Nullable State stateGradient, Matrix gradients);

        /** The layer as data, for {@code Sampling}; null for a layer that {@code Sampling} cannot compute. */
        Sampling.@Nullable Layer placed(Rnn.@Nullable State state) {
            return null;
        }

        /** A state of zeros; null for layers without state. */
        Rnn.@Nullable State state(Memory memory) {
            return null;
        }
    }

    static List<Block> of(ModelConfig config) {
        List<Block> blocks = new ArrayList<>();
        List<ModelConfig.Named> layers = config.named();
        if (config.features() > 0) {
            blocks.add(Conditioning.of(config.features(), config.layers()));
        }
        for (int from = 0; from < layers.size();) {
            int to = from + 1;
            switch (layers.get(from).layer()) {
                case RecurrentLayer layer -> {
                    // In one block, cuDNN can compute steps of several layers concurrently.
                    while (to < layers.size() && layers.get(to).layer().equals(layer)) {
                        to++;
                    }
                    blocks.add(new RecurrentLayer.Stack(layer, layers.subList(from, to), from == 0));
                }
                case DenseLayer dense ->
                    blocks.add(new DenseLayer.OnDevice(dense, layers.get(from), to == layers.size()));
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
