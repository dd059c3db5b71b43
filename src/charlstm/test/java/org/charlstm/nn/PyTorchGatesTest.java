package org.charlstm.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.device.Device;
import org.charlstm.device.PyTorchGates;
import org.charlstm.device.PyTorchGates.Result;
import org.charlstm.device.TestDevices;
import org.charlstm.device.reference.ReferenceDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The gradients of an LSTM gate by gate against PyTorch's; a failure names the gate. */
class PyTorchGatesTest {
    private static final double EXACT = 1e-12;
    private static final int H = PyTorchGates.HIDDEN;

    static Stream<Arguments> devices() {
        return Stream.concat(Stream.of(Arguments.of("reference", EXACT)),
                TestDevices.all().map(name -> Arguments.of(name, 1e-5)));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void everyGatesGradientsArePyTorchs(String device, double tolerance) {
        try (Device opened = TestDevices.open(device)) {
            System.out.printf(Locale.ROOT, "%s, gate by gate against PyTorch: largest relative difference %.1e%n",
                    device, PyTorchGates.require(device, opened, tolerance));
        }
    }

    private static Result expected() {
        try (Device oracle = new ReferenceDevice()) {
            return PyTorchGates.run(oracle, PyTorchGates.bias("bias"));
        }
    }

    /** The gate that each failure names. */
    private static List<String> named(Result result) {
        return PyTorchGates.failures(PyTorchGates.compare(result, EXACT)).stream()
                .map(failure -> failure.substring(0, failure.indexOf('['))).toList();
    }

    @Test
    void gatesThatAreSwappedAreNamed() {
        for (int tensor = 0; tensor < PyTorchGates.TENSORS.size(); tensor++) {
            for (int a = 0; a < PyTorchGates.GATES.size(); a++) {
                for (int b = a + 1; b < PyTorchGates.GATES.size(); b++) {
                    Result result = expected();
                    swap(result.gradients()[tensor], a, b);
                    String name = PyTorchGates.TENSORS.get(tensor);
                    assertEquals(List.of(PyTorchGates.name(name, PyTorchGates.GATES.get(a)),
                            PyTorchGates.name(name, PyTorchGates.GATES.get(b))), named(result));
                }
            }
        }
    }

    private static void swap(double[] tensor, int a, int b) {
        for (int row = 0; row < tensor.length; row += PyTorchGates.GATES.size() * H) {
            for (int unit = 0; unit < H; unit++) {
                double kept = tensor[row + a * H + unit];
                tensor[row + a * H + unit] = tensor[row + b * H + unit];
                tensor[row + b * H + unit] = kept;
            }
        }
    }

    @Test
    void oneValueThatIsNoNumberIsNamed() {
        Result result = expected();
        result.gradients()[1][2 * H + 5] = Double.NaN;
        assertEquals(List.of(PyTorchGates.name("recurrent_kernel", "c~")), named(result));
    }

    /** PyTorch adds two biases; with either alone all is wrong. */
    @ParameterizedTest
    @ValueSource(strings = {"bias_ih", "bias_hh"})
    void aBiasThatIsLeftOutIsTold(String only) {
        List<String> all = new ArrayList<>(List.of("output"));
        PyTorchGates.TENSORS
                .forEach(tensor -> PyTorchGates.GATES.forEach(gate -> all.add(PyTorchGates.name(tensor, gate))));
        try (Device oracle = new ReferenceDevice()) {
            Result result = PyTorchGates.run(oracle, PyTorchGates.bias(only));
            assertEquals(all, named(result));
            assertTrue(PyTorchGates.failures(PyTorchGates.compare(result, 1e-2)).size() == all.size(),
                    "it is told from rounding");
        }
    }
}
