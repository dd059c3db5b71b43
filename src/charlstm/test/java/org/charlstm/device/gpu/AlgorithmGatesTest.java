package org.charlstm.device.gpu;

import java.util.stream.Stream;
import org.charlstm.cuda.Gpus;
import org.charlstm.cuda.RnnAlgorithm;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.device.Device;
import org.charlstm.device.PyTorchGates;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every gate's gradients against PyTorch's under each algorithm, where weights lie as NVIDIA's do and elsewhere, and by
 * own kernels.
 */
@Needs(Need.SIMULATED_GPU)
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
        return Gpus.BINDINGS.stream().flatMap(binding -> Stream.concat(
                Stream.of(RnnAlgorithm.values())
                        .flatMap(algorithm -> Stream.of(null, "layouts")
                                .map(layouts -> Arguments.of(binding, algorithm.title(), layouts))),
                Stream.of("plain", "fused").map(engine -> Arguments.of(binding, engine, null))));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void everyGatesGradientsArePyTorchs(String binding, String algorithm, String layouts) {
        SimulatedGpu.set(RNN, layouts);
        try (Device device = new GpuDevice("cudasim", Gpus.installation(Gpus.libraries(binding)),
                Gpu.running(algorithm), null)) {
            PyTorchGates.require(algorithm + " through " + binding, device, 1e-5);
        }
    }
}
