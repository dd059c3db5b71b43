package org.charlstm.device.gpu;

import static org.charlstm.device.gpu.Gpu.device;
import static org.charlstm.device.gpu.SmallTraining.choice;
import static org.charlstm.device.gpu.SmallTraining.competing;
import static org.charlstm.device.gpu.SmallTraining.requireExpected;
import static org.charlstm.device.gpu.SmallTraining.train;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.device.Device;
import org.charlstm.device.Memory;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** If one of cuDNN's algorithms fails, the others train the model, and the report names it. */
@Tag("long")
@Needs(Need.SIMULATED_GPU)
class AlgorithmFailureTest {
    private static final String RNN = "CHARLSTM_SIM_RNN";
    private static final String FAULTS = "CHARLSTM_SIM_FAULTS";
    private static final String ALL_FAILED = "cudnn standard failed with status 5000 .*[,;] cudnn persist-static "
            + "failed with status 3000 .*[,;] cudnn persist-static-small-h failed with status 4000 .*";

    @AfterEach
    void reset() {
        SimulatedGpu.set(RNN, null);
        SimulatedGpu.set(FAULTS, null);
    }

    /** If an optional algorithm fails, in any call, training goes on and the report names it. */
    @ParameterizedTest
    @CsvSource({"describe, 3000, NOT_SUPPORTED", "spaces, 3007, NOT_SUPPORTED_ARCH_MISMATCH",
        "spaces, 4000, INTERNAL_ERROR", "forward, 5003, EXECUTION_FAILED_CUDART",
        "data, 4005, INTERNAL_ERROR_BAD_LAUNCH_PARAM", "weights, 5000, EXECUTION_FAILED"})
    void whateverFailsDoesNotServe(String when, int status, String name) {
        String title = "cudnn persist-static";
        SimulatedGpu.set(RNN, "1:" + when + ":" + status);
        try (Device device = competing("cudnn")) {
            requireExpected(train(device, 32));
            assertTrue(choice(device).contains(title + " failed with status " + status + " (CUDNN_STATUS_" + name
                    + ")"), choice(device));
            assertFalse(choice(device).startsWith(title + " "), choice(device));
        }
    }

    @Test
    void codeThatIsNotCompiledForItsShapeIsARefusal() {
        SimulatedGpu.set(RNN, "2:build:1001");
        try (Device device = device("persist-dynamic")) {
            String message = assertThrows(CharlstmException.class, () -> train(device, 32)).getMessage();
            assertTrue(message.contains("cudnn persist-dynamic failed with status 1001 (CUDNN_STATUS_NOT_INITIALIZED)")
                    && message.endsWith("; auto does without it"), message);
        }
    }

    /** The standard one is as optional as the others. */
    @Test
    void theStandardAlgorithmMayFailToo() {
        SimulatedGpu.set(RNN, "0:forward:5000");
        try (Device device = competing("auto")) {
            requireExpected(train(device, 32));
            assertTrue(choice(device).matches(".* \\(cudnn standard failed with status 5000 .*, cudnn persist-static "
                    + "[0-9.]+ ms, .*"), choice(device));
        }
    }

    @Test
    void whereNoneServesEachIsNamed() {
        SimulatedGpu.set(RNN, "0:forward:5000,1:spaces:3000,3:describe:4000");
        try (Device device = competing("cudnn")) {
            CharlstmException e = assertThrows(CharlstmException.class, () -> train(device, 32));
            assertTrue(e.getMessage().matches("cuDNN has no LSTM of \\d+ symbols and 32 units: " + ALL_FAILED
                    + "; auto does without it"), e.getMessage());
            assertEquals(1, e.getMessage().lines().count());
        }
        try (Device device = device("auto")) {
            requireExpected(train(device, 32));
            assertEquals(List.of("LSTM 16 x 4, 32 units: plain", "LSTM 16 x 2, 32 units: plain"), device.choices());
            assertEquals(1, device.warnings().size(), device.warnings().toString());
            assertTrue(device.warnings().getFirst().matches("charlstm's own kernels run the LSTM, which is slower than "
                    + "through cuDNN: " + ALL_FAILED), device.warnings().toString());
        }
        // As if it were a card.
        try (Device device = competing("auto")) {
            requireExpected(train(device, 32));
            assertTrue(choice(device).matches("fused \\(" + ALL_FAILED + "\\)"), device.choices().toString());
            assertEquals(List.of(), device.warnings());
        }
    }

    @Test
    void ownKernelsServeWhatNoAlgorithmDescribes() {
        SimulatedGpu.set(RNN, "0:describe:3000,1:describe:3000,2:describe:3000,3:describe:4000");
        try (Device device = device("auto")) {
            requireExpected(train(device, 32));
            assertEquals(List.of("LSTM 16 x 4, 32 units: plain", "LSTM 16 x 2, 32 units: plain"), device.choices());
            assertEquals(1, device.warnings().size(), device.warnings().toString());
            assertTrue(device.warnings().getFirst().matches("charlstm's own kernels run the LSTM, which is slower than "
                    + "through cuDNN: cuDNN has no LSTM of \\d+ symbols and 32 units: .*status 4000.*"),
                    device.warnings().toString());
        }
    }

    /** A cuDNN that does not start is as good as none, and none of its algorithms is blamed. */
    @Test
    void ownKernelsServeWhereCudnnDoesNotStart() {
        boolean served = false;
        // Of the calls that open the device some, until it opens in spite of the fault; then those before one by one.
        int stride = 64;
        for (int n = stride; !served; n += stride) {
            SimulatedGpu.set(FAULTS, "fail:" + n);
            try (Device device = device("auto"); Memory memory = device.memory()) {
                if (stride > 1) {
                    n -= stride;
                    stride /= 8;
                    continue;
                }
                device.operations().rnn(memory, new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(3), 4, 1), 5, 2, true),
                        0);
                assertFalse(device.choices().getFirst().contains("standard failed"), device.choices().toString());
                served = device.warnings().toString().contains(
                        "slower than through cuDNN: cudnnCreate failed with status ");
            } catch (CudaException e) {
                assertFalse(e.getMessage().startsWith("cudnnCreate "), e.getMessage());
            }
        }
    }

    /** After it nothing serves any more, and no other may be blamed. */
    @Test
    void aBrokenContextIsNoAnswer() {
        SimulatedGpu.set(RNN, "1:lost");
        Device device = competing("auto");
        CudaException e = assertThrows(CudaException.class, () -> train(device, 32));
        assertTrue(e.getMessage().startsWith("cudnnRNNForward failed with status 5000"), e.getMessage());
        assertThrows(CudaException.class, device::close);
        SimulatedGpu.set(RNN, null);
        Gpu.open().close();
    }

    /** The standard one is described for what may go backward with it, but that is not what was asked for. */
    @Test
    void aNamedAlgorithmThatCannotBeDescribedIsNamed() {
        SimulatedGpu.set(RNN, "3:describe:4000");
        try (Device device = device("persist-static-small-h")) {
            CharlstmException e = assertThrows(CharlstmException.class, () -> train(device, 32));
            assertTrue(e.getMessage().matches("cuDNN has no persist-static-small-h LSTM of .* failed with status 4000 "
                    + ".*"), e.getMessage());
        }
    }

    /** NaN agrees with nothing, itself included. */
    @Test
    void whatComputesNaNDoesNotServe() {
        SimulatedGpu.set(RNN, "0:nan");
        try (Device device = competing("auto")) {
            requireExpected(train(device, 32));
            assertTrue(choice(device).matches(".*\\(cudnn standard computes something else, .*cudnn persist-static "
                    + "[0-9.]+ ms, .*"), choice(device));
        }
        SimulatedGpu.set(RNN, "0:nan,1:nan,2:nan,3:nan");
        try (Device device = competing("cudnn")) {
            CharlstmException e = assertThrows(CharlstmException.class, () -> train(device, 32));
            assertTrue(e.getMessage().contains("persist-static-small-h with standard backward computes something else"),
                    e.getMessage());
        }
    }

    /** An inference pass that writes nothing must not pass for the one before it. */
    @Test
    void anOutputThatIsNotWrittenDoesNotServe() {
        SimulatedGpu.set(RNN, "1:nothing");
        try (Device device = competing("auto"); Memory memory = device.memory()) {
            device.operations().rnn(memory, new Rnn.Shape(
                    new Rnn.Layers(InputShape.ofIds(3), 4, 1), 5, 2, false), 0);
            assertTrue(device.choices().getFirst().contains("persist-static computes something else"),
                    device.choices().toString());
        }
    }

    /** Running without an error is not enough. */
    @Test
    void whatComputesSomethingElseDoesNotServe() {
        SimulatedGpu.set(RNN, "1:wrong,3:wrong");
        try (Device device = competing("cudnn")) {
            requireExpected(train(device, 32));
            assertTrue(choice(device).contains("persist-static computes something else, ")
                    && choice(device).contains("persist-static-small-h computes something else, "), choice(device));
        }
    }

    /** It is timed call by call, and a step of it runs so, with one warning. */
    @Test
    void whatCannotBeRecordedRunsCallByCall() {
        SimulatedGpu.set(RNN, "0:capture:5000");
        try (Device device = device("standard")) {
            requireExpected(train(device, 32));
            assertEquals(1, device.warnings().size(), device.warnings().toString());
            assertTrue(device.warnings().getFirst().matches("steps run call by call, not as one recorded graph: "
                    + "cudnnRNNForward failed with status 5000 .*"), device.warnings().toString());
        }
        try (Device device = competing("auto")) {
            requireExpected(train(device, 32));
            assertTrue(choice(device)
                    .matches(".*\\(cudnn standard [0-9.]+ ms, "
                            + "for recording it failed with status 5000 \\(CUDNN_STATUS_EXECUTION_FAILED\\), cudnn "
                            + "persist-static [0-9.]+ ms, .*"),
                    choice(device));
        }
    }
}
