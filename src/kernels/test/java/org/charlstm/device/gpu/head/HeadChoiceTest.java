package org.charlstm.device.gpu.head;

import static org.charlstm.cuda.SimulatedGpu.count;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.SimulatedGpu.Counter;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.gpu.Gpu;
import org.charlstm.device.gpu.GpuDevice;
import org.charlstm.device.spi.Head;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When a head is one launch: by clocks that say which is the faster, and by what it computes. */
@Tag("long")
@Needs(Need.SIMULATED_GPU)
class HeadChoiceTest {
    private static final Head.Shape SHAPE = new Head.Shape(12, 7, 5, Activation.RELU, List.of(20, 13));

    /** A hundredth of a second for each launch, of which the layers need more. */
    private static long byLaunches() {
        return 10_000_000 * count(Counter.LAUNCHES);
    }

    private static boolean inOne(DeviceOptions options, LongSupplier clock, String... report) {
        try (Device device = Gpu.device(options, clock);
                TrialMemory scope = new TrialMemory(device)) {
            boolean inOne = scope.head(SHAPE, 0).isPresent();
            assertEquals(inOne, scope.head(SHAPE, 0).isPresent());
            assertEquals(List.of(report), device.choices());
            assertEquals(List.of(), device.warnings());
            return inOne;
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BF16"})
    void theFasterIsTaken(Precision precision) {
        String layers = precision == Precision.BF16 ? "100" : "80";
        assertTrue(inOne(DeviceOptions.DEFAULT.withPrecision(precision), HeadChoiceTest::byLaunches,
                "head 12 x 7 x 5 on 33 rows: one launch (layers " + layers + ".000 ms, one launch 30.000 ms)"));
        AtomicLong ticks = new AtomicLong();
        assertFalse(inOne(DeviceOptions.DEFAULT.withPrecision(precision), () -> ticks.addAndGet(10_000_000),
                "head 12 x 7 x 5 on 33 rows: layers (layers 10.000 ms, one launch 10.000 ms)"));
    }

    @Test
    void aNameDecidesIfItComputesTheSame() {
        assertTrue(inOne(Gpu.running("fused"), HeadChoiceTest::byLaunches,
                "head 12 x 7 x 5 on 33 rows: one launch"));
        for (String engine : List.of("cudnn", "plain")) {
            assertFalse(inOne(Gpu.running(engine), HeadChoiceTest::byLaunches));
        }
        assertFalse(inOne(DeviceOptions.DEFAULT.withPrecision(Precision.TF32), HeadChoiceTest::byLaunches));
    }

    @Test
    void whatItIsTooWideForIsSaid() {
        Head.Shape wide = new Head.Shape(12, 7, 129, Activation.RELU, List.of(20, 13));
        try (Device device = Gpu.device(DeviceOptions.DEFAULT,
                HeadChoiceTest::byLaunches); TrialMemory scope = new TrialMemory(device)) {
            assertTrue(scope.head(wide, 0).isEmpty());
            assertEquals(
                    List.of("head 12 x 7 x 129 on 33 rows: layers (one launch takes at most 128 columns, not 129)"),
                    device.choices());
        }
    }

    /** Of rows so many that roundings would decide about a ReLU here and there. */
    @Test
    void roundingDoesNotExcludeACandidate() {
        Head.Shape wide = new Head.Shape(64, 64, 38, Activation.RELU, List.of(1384, 1384, 1384, 1384));
        try (Device device = Gpu.device(Gpu.running("fused")
                .withPrecision(Precision.BF16), HeadChoiceTest::byLaunches);
                TrialMemory scope = new TrialMemory(device)) {
            assertTrue(scope.head(wide, 0).isPresent());
            assertEquals(List.of(), device.warnings());
        }
    }

    /** One of whose gradients of the input the last is another number. */
    private record Spoiled(Gpu gpu, Head head, double value) implements Head {
        @Override
        public void run(Matrix weights, Matrix input, Ints targets, Doubles count, Matrix inputGradient, int part) {
            head.run(weights, input, targets, count, inputGradient, part);
            double[] dx = inputGradient.read();
            dx[dx.length - 1] = value;
            inputGradient.write(dx);
        }

        @Override
        public void finish(Doubles totals, Matrix gradients) {
            head.finish(totals, gradients);
        }
    }

    @Test
    void whatComputesSomethingElseIsNotTaken() {
        try (Gpu gpu = Gpu.open(); Device device = new GpuDevice("cudasim", gpu.context().cuda(), Gpu.OPTIONS, null)) {
            for (double value : new double[] {Double.NaN, 0.1}) {
                assertFalse(new HeadTuning(gpu.context(), Precision.FLOAT32, device.operations(), new OneLaunch(SHAPE,
                        (trialMemory, of) -> new Spoiled(gpu, new GpuHead(gpu.context(), gpu.kernels(), trialMemory,
                                CudaType.FLOAT32, of, 0), value)))
                        .agrees());
            }
        }
    }
}
