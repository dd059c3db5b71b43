package org.charlstm.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.PyTorchGates;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.cuda.binding.RnnBias;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every gate's gradients against PyTorch's where cuDNN takes the input as it is and where it wants it padded, with one
 * bias and with two: cuDNN may refuse a single one at once, or only when it is to run.
 */
class AlgorithmGatesTest {
    private static final String RNN = "CHARLSTM_SIM_RNN";

    @BeforeEach
    void open() {
        Gpu.open().close();
    }

    @AfterEach
    void reset() {
        SimulatedGpu.set(RNN, null);
    }

    static Stream<Arguments> modes() {
        return CudaProcess.bindings().stream().flatMap(binding -> Stream.of("standard", "persist-static")
                .flatMap(algorithm -> Stream.of(
                        Arguments.of(binding, algorithm, RnnBias.SINGLE_INPUT, null),
                        Arguments.of(binding, algorithm, RnnBias.DOUBLE, "two_biases"),
                        Arguments.of(binding, algorithm, RnnBias.DOUBLE, "two_biases_late"),
                        Arguments.of(binding, algorithm, RnnBias.DOUBLE, "two_biases_last"),
                        // The small step that tells whether a single bias will do is refused whatever the biases.
                        Arguments.of(binding, algorithm, RnnBias.SINGLE_INPUT, "long_sequences"),
                        Arguments.of(binding, algorithm, RnnBias.SINGLE_INPUT, "wide_last"))));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void everyGatesGradientsArePyTorchs(String binding, String algorithm, RnnBias bias, String simulated) {
        SimulatedGpu.set(RNN, simulated);
        try (Device device = new CudaDevice("cudasim", Gpu.libraries(binding),
                DeviceOptions.DEFAULT.withRnnAlgorithm(algorithm))) {
            CudnnLstmLayout layout = (CudnnLstmLayout) device.operations()
                    .lstmLayout(PyTorchGates.SYMBOLS, PyTorchGates.HIDDEN, 1, RecurrentActivation.SIGMOID);
            int narrowest = "wide_last".equals(simulated) ? 40 : 38;
            assertEquals(algorithm.equals("standard") ? narrowest : 128, layout.width());
            assertEquals(bias, layout.bias());
            PyTorchGates.require(algorithm + ", " + bias + ", through " + binding, device, 1e-5);
        }
    }
}
