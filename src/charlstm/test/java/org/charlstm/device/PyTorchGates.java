package org.charlstm.device;

import module java.base;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.io.format.Safetensors;
import org.charlstm.nn.Tensor;
import org.charlstm.selftest.TrialMemory;
import org.charlstm.selftest.ValueComparison;
import org.junit.jupiter.api.Assertions;

/**
 * One LSTM's output and gradients beside PyTorch's in float64, gate by gate: a gate in another's place, or a bias too
 * few, is told by its name. The numbers were written by {@code src/charlstm/test/python/gates.py}.
 */
public final class PyTorchGates {
    /** V, which no persistent kernel of cuDNN's takes as it is. */
    public static final int SYMBOLS;
    /** H. */
    public static final int HIDDEN;
    /** As {@link Rnn} orders them. */
    public static final List<String> GATES = List.of("i", "f", "c~", "o");
    /** A layer's tensors in their order. */
    public static final List<String> TENSORS = List.of("kernel", "recurrent_kernel", "bias");

    private static final Map<String, Tensor> REFERENCE = read("gates");
    private static final Rnn.Layers LAYERS;
    /** Something else lies before the layer's weights. */
    private static final int OFFSET = 32;

    static {
        SYMBOLS = REFERENCE.get("kernel").shape().get(0);
        HIDDEN = REFERENCE.get("recurrent_kernel").shape().get(0);
        LAYERS = new Rnn.Layers(InputShape.ofIds(SYMBOLS), HIDDEN, 1);
    }

    /**
     * The results of a device.
     *
     * @param output    h
     * @param gradients of the tensors in their order
     * @param flat      the gradients as the device has them
     * @param packed    the same, but zero beside the tensors
     */
    public record Result(double[] output, double[][] gradients, double[] flat, double[] packed) {
    }

    private PyTorchGates() {
    }

    /** PyTorch's results. */
    static Map<String, Tensor> read(String name) {
        try {
            return Safetensors
                    .read(Path.of(PyTorchGates.class.getResource("/pytorch/" + name + ".safetensors").toURI()))
                    .tensors();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static double[] values(String name) {
        return REFERENCE.get(name).values();
    }

    /** One of PyTorch's two biases, {@code bias_ih} or {@code bias_hh}, or Keras' one, which is their sum. */
    public static double[] bias(String name) {
        double[] bias = values(name.equals("bias") ? "bias_ih" : name).clone();
        if (name.equals("bias")) {
            Arrays.setAll(bias, i -> bias[i] + values("bias_hh")[i]);
        }
        return bias;
    }

    /** Runs forward and backward with PyTorch's kernels and a bias. */
    public static Result run(Device device, double[] bias) {
        try (TrialMemory scope = new TrialMemory(device)) {
            WeightLayout layout = scope.operations().rnnLayout(LAYERS);
            Matrix weights = scope.flat(layout, OFFSET, List.of(values("kernel"), values("recurrent_kernel"), bias));
            List<Integer> shape = REFERENCE.get("ids").shape();
            int rows = shape.get(0) * shape.get(1);
            Input ids = new Input.Ids(scope.ints(Arrays.stream(values("ids")).mapToInt(id -> (int) id).toArray()));
            Matrix output = scope.matrix(rows, HIDDEN);
            Matrix gradients = scope.flat(TrialMemory.random(1, weights.columns(), 9));
            Rnn lstm = scope.operations().rnn(scope.memory(),
                    new Rnn.Shape(LAYERS, shape.get(0), shape.get(1), true), OFFSET);
            lstm.forward(weights, ids, null, output);
            double[] h = output.read();
            lstm.backward(weights, ids, output, scope.matrix(rows, HIDDEN, values("output_gradient")), null, gradients);
            double[] flat = Arrays.copyOfRange(gradients.read(), OFFSET, OFFSET + layout.size());
            double[] packed = new double[flat.length];
            layout.pack(layout.unpack(flat, 0), packed, 0);
            return new Result(h, layout.unpack(flat, 0), flat, packed);
        }
    }

    /** Compares output and, gate by gate, gradients, each relative to the size of its own largest value. */
    public static List<ValueComparison> compare(Result result, double tolerance) {
        List<ValueComparison> comparisons = new ArrayList<>();
        comparisons.add(compare("output", values("output"), result.output, tolerance));
        for (int i = 0; i < TENSORS.size(); i++) {
            for (int gate = 0; gate < GATES.size(); gate++) {
                comparisons.add(compare(name(TENSORS.get(i), GATES.get(gate)),
                        gate(values("gradients/" + TENSORS.get(i)), gate), gate(result.gradients[i], gate), tolerance));
            }
        }
        // Padding of the layout, and a bias that Keras does not have, must not change in training.
        comparisons.add(compare("flat gradients", result.packed, result.flat, 0));
        return comparisons;
    }

    private static ValueComparison compare(String what, double[] expected, double[] actual, double tolerance) {
        ValueComparison comparison = new ValueComparison(tolerance);
        comparison.agree(what, expected, actual);
        return comparison;
    }

    /** The name of a gate's gradient in a message. */
    public static String name(String tensor, String gate) {
        return "gradient of " + tensor + ", gate " + gate;
    }

    /** A gate's columns of a tensor of Keras'. */
    private static double[] gate(double[] tensor, int gate) {
        double[] columns = new double[tensor.length / GATES.size()];
        Arrays.setAll(columns, i -> tensor[i / HIDDEN * GATES.size() * HIDDEN + gate * HIDDEN + i % HIDDEN]);
        return columns;
    }

    /**
     * Fails unless a device agrees with PyTorch, and names all that does not.
     *
     * @return the largest difference, as a share of the largest value expected of the gate
     */
    public static double require(String device, Device opened, double tolerance) {
        List<ValueComparison> comparisons = compare(run(opened, bias("bias")), tolerance);
        List<String> failures = failures(comparisons);
        if (!failures.isEmpty()) {
            Assertions.fail(device + " against PyTorch:\n" + String.join("\n", failures));
        }
        return comparisons.stream().mapToDouble(ValueComparison::difference).max().orElseThrow();
    }

    /** The results that do not agree, a line each. */
    public static List<String> failures(List<ValueComparison> comparisons) {
        return comparisons.stream().flatMap(comparison -> comparison.failure().stream()).toList();
    }
}
