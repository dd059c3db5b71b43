package org.charlstm.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.charlstm.device.Device;
import org.charlstm.device.Lease;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.WeightLayout;

/**
 * A model on a device: its weights in one flat buffer, laid out as the device likes. One thread at a time uses it and
 * the other models of its device; a call while another thread's is under way, or after it is closed, is an
 * {@link IllegalStateException} that says so.
 */
public final class Model implements AutoCloseable {
    private final Device device;
    private final ModelConfig config;
    private final Memory memory;
    private final List<Block> blocks;
    private final List<WeightLayout> layouts = new ArrayList<>();
    private final List<Integer> offsets = new ArrayList<>();
    private final Matrix weights;
    private final int size;
    private volatile boolean closed;

    /**
     * A model on a device.
     *
     * @param device where it lives
     * @param start  its weights
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
        size = end;
        try (Lease _ = device.lease()) {
            memory = device.memory();
            weights = memory.forPurpose("weights").flat(size);
            weights.write(pack(start));
        }
    }

    /**
     * The device that the model lives on.
     *
     * @return the device
     */
    public Device device() {
        return device;
    }

    /**
     * The model's sizes.
     *
     * @return the configuration
     */
    public ModelConfig config() {
        return config;
    }

    /**
     * The flat buffer of the weights, in the device's layout.
     *
     * @return the buffer itself
     * @throws IllegalStateException if the model is closed
     */
    public Matrix flatWeights() {
        if (closed) {
            throw new IllegalStateException("this model is closed");
        }
        return weights;
    }

    /**
     * A buffer like that of the weights, for gradients or optimiser state.
     *
     * @param owner where it lives
     * @return zeros
     */
    public Matrix flatBuffer(Memory owner) {
        return owner.flat(size);
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

    /**
     * Copies the weights to the host.
     *
     * @return the weights
     */
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
     * @return its tensors under the weights' names
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
        for (int i = 0; i < blocks.size(); i++) {
            double[][] unpacked = layouts.get(i).unpack(values, offset(i));
            List<TensorSpec> specs = blocks.get(i).tensors();
            for (int k = 0; k < unpacked.length; k++) {
                tensors.add(new Tensor(specs.get(k).name(), specs.get(k).shape(), unpacked[k]));
            }
        }
        return new Weights(config, tensors);
    }

    /**
     * Replaces the weights.
     *
     * @param replacement of the same configuration
     */
    public void write(Weights replacement) {
        pack(replacement, flatWeights());
    }

    /** Writes tensors under the weights' names into a flat buffer, in the device's layout. */
    void pack(Weights values, Matrix flat) {
        try (Lease _ = device.lease()) {
            flat.write(pack(values));
        }
    }

    private double[] pack(Weights values) {
        double[] flat = new double[size];
        for (int i = 0; i < blocks.size(); i++) {
            double[][] tensors = blocks.get(i).tensors().stream().map(spec -> values.get(spec.name()).values())
                    .toArray(double[][]::new);
            layouts.get(i).pack(tensors, flat, offset(i));
        }
        return flat;
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
