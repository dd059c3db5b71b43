package org.charlstm.nn;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.charlstm.Agreement;
import org.charlstm.device.Device;
import org.charlstm.device.TestDevices;
import org.charlstm.diagnose.Batch;
import org.charlstm.io.Safetensors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Loss, gradients and ten RMSprop losses against PyTorch's in float64, from the same weights and batch. The numbers
 * were written by {@code src/test/python/reference.py}.
 */
class PyTorchReferenceTest {
    private static final Map<String, Tensor> REFERENCE = read();

    private static Map<String, Tensor> read() {
        try {
            return Safetensors.read(Path.of(PyTorchReferenceTest.class.getResource("/pytorch/reference.safetensors")
                    .toURI())).tensors();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static Stream<Arguments> devices() {
        return Stream.concat(Stream.of(Arguments.of("reference", 1e-12)),
                TestDevices.all().map(name -> Arguments.of(name, 1e-5)));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void agreesWithPyTorch(String device, double tolerance) {
        Weights weights = weights();
        Batch batch = batch();
        double[] losses = REFERENCE.get("losses").values();
        try (Device opened = TestDevices.open(device)) {
            Batch.Result result = batch.run(opened, weights);
            double worst = Agreement.require("loss", new double[] {losses[0]}, new double[] {result.loss()}, tolerance);
            for (Tensor gradient : result.gradients().tensors()) {
                worst = Math.max(worst, Agreement.require(gradient.name(),
                        REFERENCE.get("gradients/" + gradient.name()).values(), gradient.values(), tolerance));
            }
            double[] trained = batch.train(opened, weights, losses.length, false).losses();
            worst = Math.max(worst, Agreement.require("ten losses", losses, trained, tolerance));
            System.out.printf(Locale.ROOT, "%s against PyTorch: largest relative difference %.1e%n", device, worst);
        }
    }

    private static Weights weights() {
        Tensor kernel = REFERENCE.get("weights/lstm_1.kernel");
        Tensor dense = REFERENCE.get("weights/dense_1.kernel");
        ModelConfig config = new ModelConfig(kernel.shape().get(0), kernel.shape().get(1) / 4, dense.shape().get(1));
        List<Tensor> tensors = new ArrayList<>();
        for (ModelConfig.Spec spec : config.tensors()) {
            tensors.add(new Tensor(spec.name(), spec.shape(), REFERENCE.get("weights/" + spec.name()).values()));
        }
        return new Weights(config, tensors);
    }

    /** The reference has a row for each sequence; devices have a row for each step. */
    private static Batch batch() {
        int batch = REFERENCE.get("inputs").shape().get(0);
        int steps = REFERENCE.get("inputs").shape().get(1);
        return new Batch(steps, batch, timeMajor("inputs", steps, batch), timeMajor("targets", steps, batch));
    }

    private static int[] timeMajor(String name, int steps, int batch) {
        int[] ids = new int[steps * batch];
        for (int t = 0; t < steps; t++) {
            for (int b = 0; b < batch; b++) {
                ids[t * batch + b] = (int) REFERENCE.get(name).values()[b * steps + t];
            }
        }
        return ids;
    }
}
