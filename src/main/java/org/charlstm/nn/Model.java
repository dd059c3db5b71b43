package org.charlstm.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.charlstm.device.Device;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Leases.Lease;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.WeightLayout;

/**
 * A model on a device: its weights in one flat buffer, laid out as the device likes. One thread at a time uses it and
 * the other models of its device; a call while another thread's is under way, or after it is closed, is an
 * {@link IllegalStateException} that says so.
 */
public final class Model implements AutoCloseable {
    /** What is not trained begins at a multiple of it: a device may pad what is. */
    private static final int BORDER = 64;

    private final Device device;
    private final ModelConfig config;
    private final Memory memory;
    private final List<Block> blocks;
    private final List<WeightLayout> layouts = new ArrayList<>();
    private final List<Integer> offsets = new ArrayList<>();
    /** Of each block, those that are not trained, which lie in the weights' buffer beyond those that are. */
    private final List<WeightLayout> untrained = new ArrayList<>();
    private final List<Integer> untrainedOffsets = new ArrayList<>();
    private final Optional<TiedKernel> tied;
    private final Matrix weights;
    /** Of the weights' buffer, and of the others, which have what is trained alone. */
    private final int size;
    private final int trained;
    private volatile boolean closed;

    /**
     * A model on a device.
     *
     * @param device where it lives
     */
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
            WeightLayout others = WeightLayout.inOrder(block.tensors().stream().filter(spec -> !spec.trained())
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

    /** The device that the model lives on. */
    public Device device() {
        return device;
    }

    /** The model's sizes. */
    public ModelConfig config() {
        return config;
    }

    /**
     * The flat buffer of the weights, in the device's layout.
     *
     * @throws IllegalStateException if the model is closed
     */
    public Matrix flatWeights() {
        if (closed) {
            throw new IllegalStateException("this model is closed");
        }
        return weights;
    }

    /**
     * A buffer for gradients or optimiser state, laid out as those weights are that are trained.
     *
     * @param owner where it lives
     */
    public Matrix flatBuffer(Memory owner) {
        return owner.flat(trained);
    }

    /**
     * How much the device computes as one.
     *
     * @return how many {@link #offset}s there are
     */
    public int blockCount() {
        return blocks.size();
    }

    /** What the device computes as one, the lowest first. */
    List<Block> blocks() {
        return blocks;
    }

    /**
     * Where weights begin in the flat buffers.
     *
     * @param block LSTM layers alike with nothing between them together, or any other layer; from 0
     * @return an element's index
     */
    public int offset(int block) {
        return offsets.get(block);
    }

    /** Where weights that are not trained begin in the buffer of the weights. */
    int untrainedOffset(int block) {
        return untrainedOffsets.get(block);
    }

    /** Makes a tied kernel the same as the embeddings again, after these have changed. */
    void copyTied() {
        tied.ifPresent(pair -> device.operations().copyTied(pair, weights));
    }

    /** Adds a tied kernel's gradient to that of the embeddings. */
    void gatherTied(Matrix gradients) {
        tied.ifPresent(pair -> device.operations().gatherTied(pair, gradients));
    }

    /** Copies the weights to the host. */
    public Weights weights() {
        return unpack(flatWeights());
    }

    /**
     * Copies the weights to the host as the device has them, which is quick.
     *
     * @return makes weights of the copy, on any thread
     */
    public Supplier<Weights> copyWeights() {
        return read(flatWeights());
    }

    /**
     * Reads a flat buffer in the device's layout as tensors.
     *
     * @param flat weights, gradients or optimiser state
     * @return its tensors under the weights' names; zeros for those that it has not, which are not trained
     */
    public Weights unpack(Matrix flat) {
        return read(flat).get();
    }

    /** Reads a flat buffer now, and makes tensors of it when they are asked for, by any thread. */
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

    /**
     * Frees the weights; the device stays open.
     *
     * @throws IllegalStateException if another thread uses the device
     */
    @Override
    public void close() {
        memory.close();
        closed = true;
    }
}
