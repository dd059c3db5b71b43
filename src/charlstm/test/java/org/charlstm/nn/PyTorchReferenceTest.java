package org.charlstm.nn;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.TestDevices;
import org.charlstm.device.WeightLayout;
import org.charlstm.io.format.Safetensors;
import org.charlstm.selftest.TrialMemory;
import org.charlstm.selftest.models.TrialBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Loss, gradients and ten RMSprop losses against PyTorch's in float64, from the same weights and batch. The numbers
 * were written by {@code src/charlstm/test/python/reference.py}, {@code stack.py} and {@code cells.py}.
 */
@Tag("long")
class PyTorchReferenceTest {
    private static final ModelConfig STACK = new ModelConfig(11, List.of(new EmbeddingLayer(7), new RecurrentLayer(13),
            new DropoutLayer(0.3), new RecurrentLayer(10), new DropoutLayer(0.3), new DenseLayer(7, Activation.TANH),
            BatchNormLayer.KERAS, new DenseLayer(11, Activation.LINEAR, true)));

    /** The cells with sigmoid gates beside the LSTM, by the names of their files. */
    private static final Map<String, RecurrentCell> CELLS = RecurrentCell.forms().stream()
            .filter(cell -> cell.name() != RecurrentCell.Named.LSTM && !cell.options().containsValue("hard_sigmoid"))
            .collect(Collectors.toMap(cell -> cell.name() + (cell.options().containsValue("false") ? "-before" : ""),
                    cell -> cell));

    private static Map<String, Tensor> read(String name) {
        try {
            return Safetensors.read(Path.of(PyTorchReferenceTest.class.getResource("/pytorch/" + name + ".safetensors")
                    .toURI())).tensors();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Stream<Arguments> onDevices(String file) {
        return Stream.concat(Stream.of(Arguments.of(file, "reference", 1e-12)),
                TestDevices.all().map(name -> Arguments.of(file, name, 1e-5)));
    }

    /**
     * One LSTM layer; three; two with hard sigmoid gates, below a dense layer with tanh; every kind of layer; and two
     * layers of each other cell.
     */
    static Stream<Arguments> devices() {
        return Stream.concat(Stream.of("reference", "layers", "hard", "stack"), CELLS.keySet().stream().sorted())
                .flatMap(PyTorchReferenceTest::onDevices);
    }

    static Stream<Arguments> cells() {
        return CELLS.keySet().stream().sorted().flatMap(PyTorchReferenceTest::onDevices);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void agreesWithPyTorch(String file, String device, double tolerance) {
        Map<String, Tensor> reference = read(file);
        ModelConfig config = file.equals("stack") ? STACK
                : CELLS.containsKey(file) ? config(reference, CELLS.get(file)) : config(reference, file.equals("hard"));
        Weights weights = new Weights(config, tensors(reference, "weights/", config.tensors()));
        TrialBatch batch = batch(reference);
        double[] losses = reference.get("losses").values();
        try (Device opened = TestDevices.open(device)) {
            TrialBatch.Result result = batch.run(opened, weights);
            double worst = Agreement.require("loss", new double[] {losses[0]}, new double[] {result.loss()}, tolerance);
            worst = Math.max(worst, agree(reference, "gradients/", result.gradients(), tolerance));
            TrialBatch.Training trained = batch.train(opened, weights, losses.length, false);
            worst = Math.max(worst, Agreement.require("ten losses", losses, trained.losses(), tolerance));
            worst = Math.max(worst, agree(reference, "after/", trained.weights(), tolerance));
            System.out.printf(Locale.ROOT, "%s, %s against PyTorch: largest relative difference %.1e%n",
                    file, device, worst);
        }
    }

    @ParameterizedTest
    @MethodSource("cells")
    void layersFromAStateAgreeWithPyTorch(String file, String device, double tolerance) {
        Map<String, Tensor> reference = read(file);
        List<Integer> shape = reference.get("output").shape();
        ModelConfig config = config(reference, CELLS.get(file));
        int count = reference.get("first").shape().getFirst();
        int units = shape.get(2);
        Rnn.Layers layers = new Rnn.Layers(InputShape.ofIds(config.symbols()), units, count, CELLS.get(file));
        List<String> names = config.tensors().stream().map(TensorSpec::name).limit(3L * count).toList();
        try (Device opened = TestDevices.open(device); TrialMemory memory = new TrialMemory(opened)) {
            WeightLayout layout = memory.operations().rnnLayout(layers);
            Matrix weights = memory.flat(layout, 0,
                    names.stream().map(name -> reference.get("weights/" + name).values()).toList());
            Rnn rnn = memory.operations().rnn(memory.memory(), new Rnn.Shape(layers, shape.get(0), shape.get(1), true),
                    0);
            Input ids = new Input.Ids(memory.ints(batch(reference).inputs()));
            int rows = count * shape.get(1);
            Rnn.State state = new Rnn.State(memory.matrix(rows, units, reference.get("first").values()), null);
            Rnn.State stateGradient = new Rnn.State(memory.matrix(rows, units), null);
            Matrix output = memory.matrix(shape.get(0) * shape.get(1), units);
            Matrix gradients = memory.flat(new double[weights.columns()]);
            rnn.forward(weights, ids, state, output);
            Agreement.require("output", reference.get("output").values(), output.read(), tolerance);
            Agreement.require("last state", reference.get("last").values(), state.hidden().read(), tolerance);
            rnn.backward(weights, ids, output, memory.matrix(output.rows(), units,
                    reference.get("output_gradient").values()), null, stateGradient, gradients);
            double[][] unpacked = layout.unpack(gradients.read(), 0);
            for (int i = 0; i < unpacked.length; i++) {
                Agreement.require(names.get(i), reference.get("layers/" + names.get(i)).values(), unpacked[i],
                        tolerance);
            }
            Agreement.require("first state's gradient", reference.get("first_gradient").values(),
                    stateGradient.hidden().read(), tolerance);
        }
    }

    /** Of the tensors that the reference has. */
    private static double agree(Map<String, Tensor> reference, String place, Weights actual, double tolerance) {
        double worst = 0;
        for (Tensor tensor : actual.tensors()) {
            Tensor expected = reference.get(place + tensor.name());
            if (expected != null) {
                worst = Math.max(worst,
                        Agreement.require(tensor.name(), expected.values(), tensor.values(), tolerance));
            }
        }
        return worst;
    }

    private static ModelConfig config(Map<String, Tensor> reference, boolean hard) {
        Tensor kernel = reference.get("weights/lstm_1.kernel");
        Tensor dense = reference.get("weights/dense_1.kernel");
        return Models.of(kernel.shape().get(0), kernel.shape().get(1) / 4,
                (int) reference.keySet().stream().filter(name -> name.matches("weights/lstm_[0-9]+\\.bias")).count(),
                hard ? RecurrentActivation.HARD_SIGMOID : RecurrentActivation.SIGMOID,
                List.of(new DenseLayer(dense.shape().get(1), hard ? Activation.TANH : Activation.RELU)));
    }

    /** Layers of a cell, a dense one with tanh, and the logits. */
    private static ModelConfig config(Map<String, Tensor> reference, RecurrentCell cell) {
        List<Layer> layers = new ArrayList<>(Collections.nCopies(reference.get("first").shape().getFirst(),
                new RecurrentLayer(reference.get("output").shape().getLast(), cell)));
        layers.add(new DenseLayer(reference.get("weights/dense_1.bias").shape().getFirst(), Activation.TANH));
        return ModelConfig.of(reference.get("weights/dense_2.bias").shape().getFirst(), layers);
    }

    private static List<Tensor> tensors(Map<String, Tensor> reference, String place, List<TensorSpec> specs) {
        return specs.stream()
                .map(spec -> new Tensor(spec.name(), spec.shape(), reference.get(place + spec.name()).values()))
                .toList();
    }

    /** The reference has a row for each sequence; devices have a row for each step. */
    private static TrialBatch batch(Map<String, Tensor> reference) {
        int batch = reference.get("inputs").shape().get(0);
        int steps = reference.get("inputs").shape().get(1);
        return new TrialBatch(steps, batch, timeMajor(reference.get("inputs"), steps, batch),
                timeMajor(reference.get("targets"), steps, batch));
    }

    private static int[] timeMajor(Tensor tensor, int steps, int batch) {
        int[] ids = new int[steps * batch];
        for (int t = 0; t < steps; t++) {
            for (int b = 0; b < batch; b++) {
                ids[t * batch + b] = (int) tensor.values()[b * steps + t];
            }
        }
        return ids;
    }
}
