package org.charlstm.device.gpu;

import static org.charlstm.cuda.SimulatedGpu.count;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.circle.SecondCircle;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Counter;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.reference.ReferenceDevice;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.Check.Outcome;
import org.charlstm.selftest.FewerCases;
import org.charlstm.selftest.Tolerances;
import org.charlstm.selftest.models.ModelSelfTest;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** TF32 and bf16 beside exact float32: they train the model as well as another seed would, and say what they need. */
@Tag("long")
@Needs(Need.SIMULATED_GPU)
class PrecisionTest {
    private static final String CUDNN = "CHARLSTM_SIM_CUDNN";
    private static final int EPOCHS = 10;
    private static final Corpus CORPUS = SmallTraining.corpus(60, 12);

    @BeforeEach
    void open() {
        Gpu.open().close();
    }

    @AfterEach
    void reset() {
        SimulatedGpu.set(CUDNN, null);
    }

    private record Result(double[] losses, double[] weights) {
    }

    private static Result train(Device device, long seed, int epochs) {
        try (Model model = new Model(device, Initializer.keras(
                Models.of(CORPUS.vocabulary().size(), 32, 16), seed));
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(16, 0.005, seed, true))) {
            double[] losses = new double[epochs];
            for (int i = 0; i < epochs; i++) {
                losses[i] = trainer.epoch(EpochListener.NONE).loss();
            }
            return new Result(losses, model.flatWeights().read());
        }
    }

    private static Result train(DeviceOptions options, int epochs) {
        try (Device device = Gpu.device(options)) {
            return train(device, 1, epochs);
        }
    }

    /** The oracle's, which all precisions are held to. */
    private static final class CurvesOfSeeds {
        static final double[][] LOSSES = new double[4][];

        static {
            try (Device oracle = new ReferenceDevice()) {
                for (int seed = 1; seed <= LOSSES.length; seed++) {
                    LOSSES[seed - 1] = train(oracle, seed, EPOCHS).losses;
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void curvesAgreeWithinTheSpreadBetweenSeeds(Precision precision) {
        double[] curve = train(Gpu.OPTIONS.withPrecision(precision), EPOCHS).losses;
        double[][] seeds = CurvesOfSeeds.LOSSES;
        assertTrue(curve[EPOCHS - 1] < 0.85 * curve[0], "it does not learn: " + Arrays.toString(curve));
        for (int i = 0; i < EPOCHS; i++) {
            int epoch = i;
            double spread = Arrays.stream(seeds).mapToDouble(losses -> losses[epoch]).max().orElseThrow()
                    - Arrays.stream(seeds).mapToDouble(losses -> losses[epoch]).min().orElseThrow();
            assertTrue(Math.abs(curve[i] - seeds[0][i]) <= spread, precision + " in epoch " + (i + 1) + ": " + curve[i]
                    + " and " + seeds[0][i] + ", where seeds spread by " + spread);
        }
    }

    /** But those of cells, which CellsTest runs in each. */
    @ParameterizedTest
    @EnumSource(value = Precision.class, names = "FLOAT32", mode = EnumSource.Mode.EXCLUDE)
    @SecondCircle("every check in each precision; curvesAgreeWithinTheSpreadBetweenSeeds trains in each")
    void everyCheckPassesAtThePrecisionsTolerance(Precision precision) {
        try (Device device = Gpu.device(Gpu.OPTIONS.withPrecision(precision))) {
            for (Check check : FewerCases.small(ModelSelfTest.checks(Tolerances.of(device.precision())),
                    List.of(Precision.values()).indexOf(precision))) {
                if (check.name().matches("(GRU|RNN) .*")) {
                    continue;
                }
                Outcome outcome = check.run(device);
                assertTrue(outcome.passed(), () -> outcome.name() + ": " + outcome.message());
            }
        }
    }

    @Test
    void eachPrecisionIsOneOfItsOwn() {
        double[] exact = train(Gpu.OPTIONS, 1).weights;
        double[] tf32 = train(Gpu.OPTIONS.withPrecision(Precision.TF32), 1).weights;
        double[] bf16 = train(Gpu.OPTIONS.withPrecision(Precision.BF16), 1).weights;
        assertFalse(Arrays.equals(exact, tf32) || Arrays.equals(exact, bf16) || Arrays.equals(tf32, bf16));
    }

    /** Which the bits here do not tell. */
    @ParameterizedTest
    @CsvSource({"FLOAT32, DEFAULT_PRODUCTS", "TF32, TF32_PRODUCTS", "BF16, DEFAULT_PRODUCTS"})
    void productsAreMadeInTheModeOfThePrecision(Precision precision, Counter mode) {
        long before = count(Counter.PRODUCTS);
        long beforeInMode = count(mode);
        train(Gpu.OPTIONS.withPrecision(precision), 2);
        long products = count(Counter.PRODUCTS) - before;
        assertTrue(products > 0);
        assertEquals(products, count(mode) - beforeInMode);
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void recordedStepsGiveTheSameBits(Precision precision) {
        DeviceOptions options = Gpu.OPTIONS.withPrecision(precision);
        Result recorded = train(options, 2);
        Result called = train(Gpu.callByCall(options), 2);
        assertArrayEquals(called.losses, recorded.losses);
        assertArrayEquals(called.weights, recorded.weights);
    }

    /** The parameters stay in float32: a change far below what bf16 can tell is not lost. */
    @Test
    void parametersStayInFloat32() {
        try (Device device = Gpu.device(Gpu.OPTIONS.withPrecision(Precision.BF16));
                Memory memory = device.memory()) {
            Matrix flat = memory.flat(2);
            flat.write(new double[] {1 + 0x1p-20, 3});
            assertArrayEquals(new double[] {1 + 0x1p-20, 3}, flat.read());
            Matrix activations = memory.matrix(1, 2);
            activations.write(new double[] {1 + 0x1p-20, 3});
            assertArrayEquals(new double[] {1, 3}, activations.read());
        }
    }

    /** To nearest, ties to even, from the host and on the device alike. */
    @Test
    void roundsToNearestAndTiesToEven() {
        double[] values = {0, -0.0, 1, 1.00390625, 1.01171875, -1.00390625, 1.0039063692092896, 3.1415927410125732,
            3.3e38, 3.4028234663852886e38, 1e-40, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        double[] expected = Arrays.stream(values).map(value -> {
            double ulp = Math.scalb(1.0, Math.max(Math.getExponent(value), Float.MIN_EXPONENT) - 7);
            double nearest = Double.isFinite(value) ? Math.rint(value / ulp) * ulp : value;
            return Math.abs(nearest) > Float.MAX_VALUE ? Math.copySign(Double.POSITIVE_INFINITY, value) : nearest;
        }).toArray();
        try (Device device = Gpu.device(Gpu.OPTIONS.withPrecision(Precision.BF16));
                Memory memory = device.memory();
                Gpu gpu = Gpu.open()) {
            Matrix matrix = memory.matrix(1, values.length);
            matrix.write(values);
            assertArrayEquals(expected, matrix.read());
            long half = gpu.numbers(true, values);
            assertArrayEquals(expected, gpu.readNumbers(true, half, values.length));
        }
    }

    /** Left open, what runs the LSTM are own kernels then, for bf16 alone. */
    @Test
    void ownKernelsComputeBf16BesideAnOlderCudnn() {
        SimulatedGpu.set(CUDNN, "91202");
        try (Device device = Gpu.device(DeviceOptions.DEFAULT.withPrecision(Precision.BF16))) {
            assertTrue(train(device, 1, 1).losses[0] > 0);
            assertTrue(device.choices().getFirst().endsWith(": plain"), device.choices().toString());
            assertTrue(device.warnings().getFirst().contains("precision bf16 needs cuDNN 9.13.0 or newer, and "),
                    device.warnings().toString());
        }
    }

    @Test
    void anOlderCudnnIsRefusedByItsVersion() {
        SimulatedGpu.set(CUDNN, "91202");
        CharlstmException e = assertThrows(CharlstmException.class,
                () -> Gpu.device(Gpu.OPTIONS.withPrecision(Precision.BF16)).close());
        assertTrue(e.getMessage().startsWith("precision bf16 needs cuDNN 9.13.0 or newer, and ")
                && e.getMessage().endsWith(" is 9.12.2"), e.getMessage());
        Gpu.device(Gpu.OPTIONS.withPrecision(Precision.TF32)).close();
    }
}
