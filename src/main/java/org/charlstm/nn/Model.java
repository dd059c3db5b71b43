package org.charlstm.nn;

import java.util.ArrayList;
import java.util.List;
import org.charlstm.device.Device;
import org.charlstm.device.InputShape;
import org.charlstm.device.LstmLayers;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.WeightLayout;

/** A model on a device: its weights in one flat buffer, laid out as the device likes. */
public final class Model implements AutoCloseable {
    private final Device device;
    private final ModelConfig config;
    private final Memory memory;
    private final List<Layer> layers = new ArrayList<>();
    private final Matrix weights;
    private final int size;

    private record Layer(WeightLayout layout, int offset, List<ModelConfig.Spec> tensors) {
    }

    /**
     * A model on a device.
     *
     * @param device where it lives
     * @param start  its weights
     */
    public Model(Device device, Weights start) {
        this.device = device;
        config = start.config();
        Operations operations = device.operations();
        int end = add(operations.lstmLayout(lstm(config)), 0, config.lstmTensors());
        for (ModelConfig.Dense dense : config.denseLayers()) {
            end = add(operations.linearLayout(dense.inputs(), dense.outputs()), end, dense.tensors());
        }
        size = end;
        memory = device.memory();
        weights = memory.forPurpose("weights").flat(size);
        weights.write(pack(start));
    }

    /** The LSTM layers of a model, as a device knows them. */
    static LstmLayers lstm(ModelConfig config) {
        return new LstmLayers(InputShape.ofIds(config.symbols()), config.hidden(), config.layers(),
                config.recurrentActivation());
    }

    private int add(WeightLayout layout, int offset, List<ModelConfig.Spec> tensors) {
        layers.add(new Layer(layout, offset, tensors));
        return Math.addExact(offset, layout.size());
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
     */
    public Matrix flatWeights() {
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

    /**
     * Where a layer's weights begin in the flat buffers.
     *
     * @param layer 0 for the LSTM layers together, then the dense layers
     * @return an element's index
     */
    public int offset(int layer) {
        return layers.get(layer).offset;
    }

    /**
     * Copies the weights to the host.
     *
     * @return the weights
     */
    public Weights weights() {
        return unpack(weights);
    }

    /**
     * Reads a flat buffer in the device's layout as tensors.
     *
     * @param flat weights, gradients or optimiser state
     * @return its tensors under the weights' names
     */
    public Weights unpack(Matrix flat) {
        double[] values = flat.read();
        List<Tensor> tensors = new ArrayList<>();
        for (Layer layer : layers) {
            double[][] unpacked = layer.layout.unpack(values, layer.offset);
            for (int i = 0; i < unpacked.length; i++) {
                ModelConfig.Spec spec = layer.tensors.get(i);
                tensors.add(new Tensor(spec.name(), spec.shape(), unpacked[i]));
            }
        }
        return new Weights(config, tensors);
    }

    private double[] pack(Weights values) {
        if (!values.config().equals(config)) {
            throw new IllegalArgumentException("weights of " + values.config() + " for " + config);
        }
        double[] flat = new double[size];
        for (Layer layer : layers) {
            double[][] tensors = layer.tensors.stream().map(spec -> values.get(spec.name()).values())
                    .toArray(double[][]::new);
            layer.layout.pack(tensors, flat, layer.offset);
        }
        return flat;
    }

    /** Frees the weights; the device stays open. */
    @Override
    public void close() {
        memory.close();
    }
}
