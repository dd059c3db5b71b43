package org.charlstm.sample;

import module java.base;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Models;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.TensorSpec;
import org.charlstm.nn.Weights;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;
import org.charlstm.text.Vocabulary;

/** A model of seven symbols on a device of its own. */
public final class TinyModel implements AutoCloseable {
    /** Ids 0 to 4 in this order; start is 5 and end is 6. */
    public static final Vocabulary VOCABULARY = Vocabulary.ofCharacters("abcde");
    public static final int SYMBOLS = 7;
    /** Weights with which no symbol is rare, most sentences differ, and most but not all end within twelve symbols. */
    public static final long SEED = 22;

    private static final int HIDDEN = 6;
    private static final int DENSE = 8;

    private final Device device;
    private final Model model;

    private TinyModel(Device device, Weights weights) {
        this.device = device;
        model = new Model(device, weights);
    }

    public static TinyModel on(String device, Weights weights) {
        return new TinyModel(Devices.open(device, new DeviceOptions(1)), weights);
    }

    public static TinyModel on(String device) {
        return on(device, weights(SEED));
    }

    public static Weights weights(long seed) {
        return weights(DENSE, seed);
    }

    /** Far larger weights than training starts from, so that what came before matters to what comes next. */
    public static Weights weights(int dense, long seed) {
        return weights(1, dense, seed);
    }

    /** The same with several LSTM layers. */
    public static Weights weights(int layers, int dense, long seed) {
        return weights(Models.of(SYMBOLS, HIDDEN, layers, dense), seed);
    }

    /** The same of any model. */
    public static Weights weights(ModelConfig config, long seed) {
        List<Tensor> tensors = new ArrayList<>();
        for (TensorSpec spec : config.tensors()) {
            RandomStream random = new RandomStream(seed, Purpose.WEIGHTS, tensors.size());
            double scale = spec.name().endsWith("bias") ? 0.3 : 1;
            double[] values = new double[(int) spec.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (scale * random.gaussian());
            }
            tensors.add(new Tensor(spec.name(), spec.shape(), values));
        }
        return new Weights(config, tensors);
    }

    /** The same weights but for one tensor. */
    public static Weights changed(Weights weights, String name, Consumer<double[]> change) {
        return new Weights(weights.config(), weights.tensors().stream().map(tensor -> {
            double[] values = tensor.values().clone();
            if (tensor.name().equals(name)) {
                change.accept(values);
            }
            return new Tensor(tensor.name(), tensor.shape(), values);
        }).toList());
    }

    public Model model() {
        return model;
    }

    public double[] next(String prefix) {
        return Predictor.next(model, VOCABULARY, prefix);
    }

    public Sampler sampler(SamplingOptions options) {
        return new Sampler(model, VOCABULARY, options);
    }

    /** The lowest id of the highest value. */
    public static int best(double[] values) {
        int best = 0;
        for (int j = 0; j < values.length; j++) {
            best = values[j] > values[best] ? j : best;
        }
        return best;
    }

    @Override
    public void close() {
        model.close();
        device.close();
    }
}
