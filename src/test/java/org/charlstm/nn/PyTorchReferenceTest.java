package org.charlstm.nn;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.charlstm.Agreement;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.TestDevices;
import org.charlstm.io.Safetensors;
import org.charlstm.selftest.TrialBatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Loss, gradients and ten RMSprop losses against PyTorch's in float64, from the same weights and batch. The numbers
 * were written by {@code src/test/python/reference.py} and {@code stack.py}.
 */
class PyTorchReferenceTest {
    private static final ModelConfig STACK = new ModelConfig(11, List.of(new EmbeddingLayer(7), new RecurrentLayer(13),
            new DropoutLayer(0.3), new RecurrentLayer(10), new DropoutLayer(0.3), new DenseLayer(7, Activation.TANH),
            BatchNormLayer.KERAS, new DenseLayer(11, Activation.LINEAR, true)));

    private static Map<String, Tensor> read(String name) {
        try {
            return Safetensors.read(Path.of(PyTorchReferenceTest.class.getResource("/pytorch/" + name + ".safetensors")
                    .toURI())).tensors();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One LSTM layer; three; two with hard sigmoid gates, below a dense layer with tanh; and every kind of layer. */
    static Stream<Arguments> devices() {
        return Stream.of("reference", "layers", "hard", "stack").flatMap(file -> Stream.concat(
                Stream.of(Arguments.of(file, "reference", 1e-12)),
                TestDevices.all().map(name -> Arguments.of(file, name, 1e-5))));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void agreesWithPyTorch(String file, String device, double tolerance) {
        Map<String, Tensor> reference = read(file);
        ModelConfig config = file.equals("stack") ? STACK : config(reference, file.equals("hard"));
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
