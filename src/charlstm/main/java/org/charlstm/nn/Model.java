package org.charlstm.nn;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.device.Device;
import org.charlstm.device.Device.Lease;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.spi.AlignedLayout;

/**
 * A model on a device: its weights in one flat buffer, in the device's layout. One thread at a time may use the models
 * of a device: a concurrent call, or a call after {@link #close}, is an {@link IllegalStateException}.
 */
public final class Model implements AutoCloseable {
    /** The untrained tensors begin at a multiple of this number, beyond any padding that a device adds. */
    private static final int BORDER = 64;

    private final Device device;
    private final ModelConfig config;
    private final Memory memory;
    private final List<Block> blocks;
    private final List<WeightLayout> layouts = new ArrayList<>();
    private final List<Integer> offsets = new ArrayList<>();
    /** The layouts of each block's untrained tensors, which follow all trained tensors in the weights' buffer. */
    private final List<WeightLayout> untrained = new ArrayList<>();
    private final List<Integer> untrainedOffsets = new ArrayList<>();
    private final Optional<TiedKernel> tied;
    private final Matrix weights;
    /** The number of elements of the weights' buffer. */
    private final int size;
    /** The number of elements of the other buffers, which hold trained tensors alone. */
    private final int trained;
    private volatile boolean closed;

    /** A model with these weights. */
    public Model(Device device, Weights start) {
        this.device = device;
        config = start.config();
        blocks = Block.of(config);
        int end = 0;
        for (Block block : blocks) {
            WeightLayout layout = block.layout(device.operations());
            layouts.add(layout);
            offsets.add(end);
            end = Math.addExact(end, layout.size());
        }
        trained = end;
        end = Math.multiplyExact(Math.ceilDiv(end, BORDER), BORDER);
        for (Block block : blocks) {
            WeightLayout others = AlignedLayout.inOrder(block.tensors().stream().filter(spec -> !spec.trained())
                    .mapToInt(spec -> Math.toIntExact(spec.size())).toArray());
            untrained.add(others);
            untrainedOffsets.add(end);
            end = Math.addExact(end, others.size());
        }
        size = end == Math.ceilDiv(trained, BORDER) * BORDER ? trained : end;
        tied = config.tied() ? Optional.of(new TiedKernel(config.symbols(), config.named().getLast().inputs(),
                offsets.get(config.features() > 0 ? 1 : 0), offsets.getLast())) : Optional.empty();
        try (Lease _ = device.lease()) {
            memory = device.memory();
            weights = memory.forPurpose("weights").flat(size);
            write(start);
        }
    }

    public Device device() {
        return device;
    }

    public ModelConfig config() {
        return config;
    }

    /** The weights' flat buffer, in the device's layout; a closed model throws {@link IllegalStateException}. */
    public Matrix flatWeights() {
        Refuse.callIf(closed, "this model is closed");
        return weights;
    }

    /** A buffer for gradients or an optimiser state, in the trained weights' layout. The owner frees the buffer. */
    public Matrix flatBuffer(Memory owner) {
        return owner.flat(trained);
    }

    /** The number of blocks. A block is a unit that the device computes at once. */
    public int blockCount() {
        return blocks.size();
    }

    /** The blocks, the lowest first. */
    List<Block> blocks() {
        return blocks;
    }

    /** The first element, in the flat buffers, of a block: a layer, or a stack of equal adjacent recurrent layers. */
    public int offset(int block) {
        return offsets.get(block);
    }

    /** The first element of a block's untrained tensors in the buffer of the weights. */
    int untrainedOffset(int block) {
        return untrainedOffsets.get(block);
    }

    /** Copies the embeddings to a tied kernel; called after the embeddings have changed. */
    void copyTied() {
        tied.ifPresent(pair -> device.operations().copyTied(pair, weights));
    }

    /** Adds a tied kernel's gradient to the embeddings' gradient. */
    void gatherTied(Matrix gradients) {
        tied.ifPresent(pair -> device.operations().gatherTied(pair, gradients));
    }

    /** Copies the weights to the host. */
    public Weights weights() {
        return unpack(flatWeights());
    }

    /** Copies the weights to the host in the device's layout, quickly. The supplier converts them on any thread. */
    public Supplier<Weights> copyWeights() {
        return read(flatWeights());
    }

    /**
     * Reads a flat buffer in the device's layout (weights, gradients or optimiser state) as tensors under the weights'
     * names. Untrained tensors are zeros if the buffer has none.
     */
    public Weights unpack(Matrix flat) {
        return read(flat).get();
    }

    /** Reads a flat buffer at once. The supplier converts the values to tensors on any thread. */
    Supplier<Weights> read(Matrix flat) {
        double[] values;
        try (Lease _ = device.lease()) {
            values = flat.read();
        }
        return () -> unpack(values);
    }

    private Weights unpack(double[] values) {
        List<Tensor> tensors = new ArrayList<>();
        double[] all = values.length == size ? values : Arrays.copyOf(values, size);
        for (int i = 0; i < blocks.size(); i++) {
            Iterator<double[]> those = List.of(layouts.get(i).unpack(values, offset(i))).iterator();
            Iterator<double[]> others = List.of(untrained.get(i).unpack(all, untrainedOffset(i))).iterator();
            for (TensorSpec spec : blocks.get(i).tensors()) {
                tensors.add(new Tensor(spec.name(), spec.shape(), (spec.trained() ? those : others).next()));
            }
        }
        return new Weights(config, tensors);
    }

    /** Replaces the weights. */
    public void write(Weights replacement) {
        try (Lease _ = device.lease()) {
            pack(replacement, flatWeights());
            copyTied();
        }
    }

    /** Writes tensors under the weights' names into a flat buffer, in the device's layout. */
    void pack(Weights values, Matrix flat) {
        double[] packed = new double[size];
        for (int i = 0; i < blocks.size(); i++) {
            layouts.get(i).pack(values(values, i, true), packed, offset(i));
            untrained.get(i).pack(values(values, i, false), packed, untrainedOffset(i));
        }
        try (Lease _ = device.lease()) {
            flat.write(Arrays.copyOf(packed, flat.columns()));
        }
    }

    private double[][] values(Weights values, int block, boolean ofTrained) {
        return blocks.get(block).tensors().stream().filter(spec -> spec.trained() == ofTrained)
                .map(spec -> values.get(spec.name()).values()).toArray(double[][]::new);
    }

    /** Frees the weights; the device stays open. Another thread's use is an {@link IllegalStateException}. */
    @Override
    public void close() {
        memory.close();
        closed = true;
    }
}
