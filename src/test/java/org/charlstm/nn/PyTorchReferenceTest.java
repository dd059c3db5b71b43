package org.charlstm.nn;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
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
import org.charlstm.selftest.Batch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Loss, gradients and ten RMSprop losses against PyTorch's in float64, from the same weights and batch. The numbers
 * were written by {@code src/test/python/reference.py}.
 */
class PyTorchReferenceTest {
    private static Map<String, Tensor> read(String name) {
        try {
            return Safetensors.read(Path.of(PyTorchReferenceTest.class.getResource("/pytorch/" + name + ".safetensors")
                    .toURI())).tensors();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One LSTM layer; three; and two with hard sigmoid gates, below a dense layer with tanh. */
    static Stream<Arguments> devices() {
        return Stream.of("reference", "layers", "hard").flatMap(file -> Stream.concat(
                Stream.of(Arguments.of(file, "reference", 1e-12)),
                TestDevices.all().map(name -> Arguments.of(file, name, 1e-5))));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void agreesWithPyTorch(String file, String device, double tolerance) {
        Map<String, Tensor> reference = read(file);
        Weights weights = weights(reference, file.equals("hard"));
        Batch batch = batch(reference);
        double[] losses = reference.get("losses").values();
        try (Device opened = TestDevices.open(device)) {
            Batch.Result result = batch.run(opened, weights);
            double worst = Agreement.require("loss", new double[] {losses[0]}, new double[] {result.loss()}, tolerance);
            for (Tensor gradient : result.gradients().tensors()) {
                worst = Math.max(worst, Agreement.require(gradient.name(),
                        reference.get("gradients/" + gradient.name()).values(), gradient.values(), tolerance));
            }
            double[] trained = batch.train(opened, weights, losses.length, false).losses();
            worst = Math.max(worst, Agreement.require("ten losses", losses, trained, tolerance));
            System.out.printf(Locale.ROOT, "%s, %s against PyTorch: largest relative difference %.1e%n",
                    file, device, worst);
        }
    }

    private static Weights weights(Map<String, Tensor> reference, boolean hard) {
        Tensor kernel = reference.get("weights/lstm_1.kernel");
        Tensor dense = reference.get("weights/dense_1.kernel");
        ModelConfig config = Models.of(kernel.shape().get(0), kernel.shape().get(1) / 4,
                (int) reference.keySet().stream().filter(name -> name.matches("weights/lstm_[0-9]+\\.bias")).count(),
                hard ? RecurrentActivation.HARD_SIGMOID : RecurrentActivation.SIGMOID,
                List.of(new DenseLayer(dense.shape().get(1), hard ? Activation.TANH : Activation.RELU)));
        List<Tensor> tensors = new ArrayList<>();
        for (TensorSpec spec : config.tensors()) {
            tensors.add(new Tensor(spec.name(), spec.shape(), reference.get("weights/" + spec.name()).values()));
        }
        return new Weights(config, tensors);
    }

    /** The reference has a row for each sequence; devices have a row for each step. */
    private static Batch batch(Map<String, Tensor> reference) {
        int batch = reference.get("inputs").shape().get(0);
        int steps = reference.get("inputs").shape().get(1);
        return new Batch(steps, batch, timeMajor(reference.get("inputs"), steps, batch),
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
