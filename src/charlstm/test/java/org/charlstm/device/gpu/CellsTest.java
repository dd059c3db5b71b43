package org.charlstm.device.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.circle.Sampled;
import org.charlstm.cuda.Precision;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Memory;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.Check.Outcome;
import org.charlstm.selftest.FewerCases;
import org.charlstm.selftest.Tolerances;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** GRUs and Elman layers through each engine that has them, in every precision. */
@Needs(Need.SIMULATED_GPU)
@Tag("long")
class CellsTest {
    private static final String TAKEN = "(?!.*(H 129|B 151)).*from a state.*";
    /** Left to the engines that run unasked, in the precisions that differ in more than products. */
    private static final String LONG = ".*(L 3|H 64).*";
    private static final String CUDNN_LACKS = ".*(hard sigmoid|reset before).*";

    /** A device serves all cases of a check; those from zeros, and the largest, are OperationsContractTest's alone. */
    private static Stream<Arguments> checks(String engine, Precision precision) {
        return FewerCases.withoutRepeats(Tolerances.of(precision)).stream()
                .filter(check -> check.name().matches("(GRU|RNN) .*"))
                .map(check -> Arguments.of(engine, precision, new Check(check.name(), check.tolerance(),
                        check.cases().stream().filter(one -> one.toString().matches(TAKEN)
                                && !(one.toString().matches(LONG) && (engine.startsWith("persist")
                                        || (engine.equals("plain") && precision == Precision.TF32)))
                                && (engine.equals("plain") || !one.toString().matches(CUDNN_LACKS))).toList())));
    }

    static Stream<Arguments> checks() {
        return Stream.concat(Stream.of("plain", "standard")
                .flatMap(engine -> Stream.of(Precision.values()).flatMap(precision -> checks(engine, precision))),
                Stream.of("persist-static", "persist-dynamic", "persist-static-small-h")
                        .flatMap(engine -> checks(engine, Precision.FLOAT32)));
    }

    @ParameterizedTest
    @MethodSource("checks")
    @Sampled(every = 6)
    void agreesWithTheOracle(String engine, Precision precision, Check check) {
        try (Device device = Gpu.device(Gpu.running(engine).withPrecision(precision))) {
            Outcome outcome = check.run(device);
            assertTrue(outcome.passed(), outcome::toString);
        }
    }

    static Stream<Arguments> forms() {
        return Stream.of(RecurrentCell.Gru.RESET_AFTER, new RecurrentCell.Elman(Activation.TANH),
                new RecurrentCell.Elman(Activation.RELU)).flatMap(
                        cell -> Stream.of(Precision.values())
                                .map(precision -> Arguments.of(cell, precision)));
    }

    /** And all of them compute what the plain kernels do, ReLUs on many more sums than are far from 0 by chance. */
    @ParameterizedTest
    @MethodSource("forms")
    @Sampled(every = 9)
    void algorithmsCompete(RecurrentCell cell, Precision precision) {
        try (Device device = Gpu.device(DeviceOptions.DEFAULT.withPrecision(precision), SmallTraining::hurried);
                Memory memory = device.memory()) {
            boolean relu = cell.equals(new RecurrentCell.Elman(Activation.RELU));
            int batch = relu ? 16 : 3;
            int units = relu ? 37 : 7;
            for (InputShape input : List.of(InputShape.ofIds(5), InputShape.ofMatrix(relu ? 60 : 6))) {
                device.operations().rnn(memory, new Rnn.Shape(new Rnn.Layers(input, units, 2, cell), 41, batch, true),
                        0);
                String choice = device.choices().getLast();
                assertTrue(choice.matches(cell.title() + " 41 x " + batch + ", 2 layers of " + units
                        + " units.*: cudnn .*\\(.*cudnn standard [0-9.]+ ms, "
                        + "cudnn persist-static [0-9.]+ ms, cudnn persist-static-small-h [0-9.]+ ms, "
                        + ".*fused [0-9.]+ ms.*\\)")
                        && !choice.contains("something else"), choice);
            }
            assertEquals(List.of(), device.warnings());
        }
    }
}
