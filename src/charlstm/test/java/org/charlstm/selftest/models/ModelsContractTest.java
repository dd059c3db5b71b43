package org.charlstm.selftest.models;

import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.circle.Circle;
import org.charlstm.circle.Sampled;
import org.charlstm.device.Device;
import org.charlstm.device.TestDevices;
import org.charlstm.device.gpu.EveryOrder;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.Check.Outcome;
import org.charlstm.selftest.Tolerances;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every device computes whole models, training and sampling as the oracle does. */
@EveryOrder
@Tag("long")
@Sampled
class ModelsContractTest {
    /** One of each for all cases: the checks of whole trainings keep what they trained on it. */
    private static final Map<String, Device> OPEN = new HashMap<>();

    static Stream<Arguments> cases() {
        return TestDevices.once(TestDevices.all())
                .flatMap(device -> ModelSelfTest.models(Tolerances.FLOAT32).stream()
                        .flatMap(check -> Circle.sample(check.cases(), 6, check.name()).stream()
                                .map(one -> Arguments.of(device, check.name(), one, check.tolerance()))));
    }

    @AfterAll
    static void close() {
        OPEN.values().forEach(Device::close);
        OPEN.clear();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agrees(String name, String check, Check.Case one, double tolerance) {
        Outcome outcome = new Check(check, tolerance, List.of(one)).run(OPEN.computeIfAbsent(name, TestDevices::open));
        assertTrue(outcome.passed(), outcome::toString);
    }
}
