package org.charlstm.device;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.Outcome;
import org.charlstm.selftest.SelfTest;
import org.charlstm.selftest.Tolerances;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every device that is here does all that {@code charlstm selftest} asks of it, and what has no oracle to say so. */
class OperationsContractTest {
    static Stream<Arguments> gates() {
        return TestDevices.all().flatMap(device -> Stream.of(RecurrentActivation.values())
                .map(activation -> Arguments.of(device, activation)));
    }

    static Stream<Arguments> cases() {
        return TestDevices.once(TestDevices.all()).flatMap(device ->
                SelfTest.checks(Tolerances.FLOAT32).stream().flatMap(check -> check.cases().stream()
                        .map(one -> Arguments.of(device, check.name(), one, check.tolerance()))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agrees(String name, String check, Check.Case one, double tolerance) {
        try (Device device = TestDevices.open(name)) {
            Outcome outcome = new Check(check, tolerance, List.of(one)).run(device);
            assertTrue(outcome.passed(), outcome::toString);
        }
    }

    @ParameterizedTest
    @MethodSource("gates")
    void lstmForInferenceGivesTheSameBitsAsForTraining(String name, RecurrentActivation activation) {
        try (Device device = TestDevices.open(name); TrialMemory scope = new TrialMemory(device)) {
            List<double[]> outputs = new ArrayList<>();
            for (boolean training : new boolean[] {true, false}) {
                LstmShape shape = new LstmShape(37, 37, 2, activation, 9, 19, training);
                Matrix weights = scope.flat(scope.operations().lstmLayout(37, 37, 2, activation), 0,
                        List.of(random(1, 37 * 148, 0.5), random(2, 37 * 148, 0.3), random(3, 148, 4),
                                random(4, 37 * 148, 0.5), random(5, 37 * 148, 0.3), random(6, 148, 4)));
                Matrix output = scope.matrix(9 * 19, 37);
                Lstm lstm = scope.operations().lstm(scope.memory(), shape, 0);
                lstm.forward(weights, scope.ints(randomIds(5, 9 * 19, 37)), null, output);
                outputs.add(output.read());
                if (!training) {
                    assertThrows(IllegalStateException.class, () -> lstm.backward(weights,
                            scope.ints(randomIds(5, 9 * 19, 37)), output, scope.matrix(9 * 19, 37), weights));
                }
            }
            assertArrayEquals(outputs.get(0), outputs.get(1));
        }
    }
}
