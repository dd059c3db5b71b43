package org.charlstm.device.gpu.rnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceSetting;
import org.charlstm.device.Doubles;
import org.charlstm.device.GpuOptions;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.gpu.Gpu;
import org.charlstm.device.gpu.head.OneLaunch;
import org.charlstm.device.gpu.tools.Autotuner;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuProducts;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.spi.Head;
import org.charlstm.device.spi.ShapeException;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Engines that compete for a shape, by a clock that moves as far as each says, so far that few runs are a measurement;
 * all compute as the plain one does.
 */
@Tag("long")
@Needs(Need.SIMULATED_GPU)
class RnnEnginesTest {
    private static final Rnn.Shape SHAPE = new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), 6, 2), 4, 3, true);
    /** Of more steps than come back. */
    private static final Rnn.Shape LONG = new Rnn.Shape(SHAPE.layers(), 35, 3, true);

    private Gpu gpu;
    private GpuMemory memory;
    private GpuProducts products;
    private RnnEngine plain;
    private long nanoseconds;

    @BeforeEach
    void open() {
        gpu = Gpu.open();
        memory = new GpuMemory(gpu.context(), CudaType.FLOAT32);
        products = new GpuProducts(gpu.context(), Precision.FLOAT32);
        plain = new PlainEngine(new GpuTools(gpu.context(), gpu.kernels(), products));
    }

    @AfterEach
    void close() {
        memory.close();
        gpu.close();
    }

    /** Faults of an engine. */
    enum Fault {
        NONE, REFUSES, OUTPUT, NAN, LAST_STEP, GRADIENTS, NO_GRADIENTS;

        void after(Rnn.Shape shape, Matrix output) {
            GpuMatrix y = GpuMatrix.of(output);
            if (this == OUTPUT || this == NAN) {
                y.buffer().view(0, 1).fill(this == NAN ? Float.NaN : 0.25);
            } else if (this == LAST_STEP) {
                y.buffer().view((long) (shape.rows() - 1) * shape.hidden(), 1).fill(Float.NaN);
            }
        }
    }

    private final class Stub implements RnnEngine {
        private final GpuOptions.Engine name;
        private final double milliseconds;
        private final Fault fault;
        private final String obstacle;

        Stub(String name, double milliseconds, Fault fault, String obstacle) {
            this.name = GpuOptions.named(GpuOptions.Engine.class, name);
            this.milliseconds = milliseconds;
            this.fault = fault;
            this.obstacle = obstacle;
        }

        @Override
        public GpuOptions.Engine name() {
            return name;
        }

        @Override
        public boolean library() {
            return name == GpuOptions.Engine.CUDNN;
        }

        @Override
        public Optional<String> obstacle(Rnn.Shape shape) {
            return Optional.ofNullable(obstacle);
        }

        @Override
        public List<RnnEngine.Candidate> candidates(Rnn.Shape shape) {
            return List.of(new RnnEngine.Candidate(name.toString(), library(), (owner, offset) -> {
                if (fault == Fault.REFUSES) {
                    throw new CharlstmException("not today");
                }
                Rnn lstm = plain.candidates(shape).getFirst().opener().apply(owner, offset);
                return new Rnn() {
                    @Override
                    public void forward(Matrix weights, Input input, Rnn.@Nullable State state, Matrix output) {
                        lstm.forward(weights, input, state, output);
                        fault.after(shape, output);
                        nanoseconds += Math.round(1e6 * milliseconds);
                    }

                    @Override
                    public void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient,
                            @Nullable Matrix inputGradient, Rnn.@Nullable State stateGradient, Matrix gradients) {
                        if (fault == Fault.NO_GRADIENTS) {
                            return;
                        }
                        lstm.backward(weights, input, output, outputGradient, inputGradient, stateGradient, gradients);
                        if (fault == Fault.GRADIENTS) {
                            // The lowest layer's first weight.
                            GpuMatrix.of(gradients).buffer().view(0, 1).fill(1e3);
                        }
                    }
                };
            }));
        }
    }

    private RnnEngine engine(String name, double milliseconds) {
        return new Stub(name, milliseconds, Fault.NONE, null);
    }

    private RnnEngine faulty(String name, Fault fault) {
        return new Stub(name, 1000, fault, null);
    }

    private RnnEngine barred(String name, String obstacle) {
        return new Stub(name, 1000, Fault.NONE, obstacle);
    }

    private RnnEngines engines(String asked, RnnEngine... engines) {
        return new RnnEngines(gpu.context(), Gpu.callByCall(Gpu.running(asked)), List.of(engines), plain,
                new Autotuner(gpu.context(), false, () -> nanoseconds));
    }

    private List<String> choices(RnnEngines engines, Rnn.Shape shape) {
        engines.rnn(memory, shape, 0, null);
        return engines.choices();
    }

    private String choice(RnnEngines engines) {
        return choice(engines, SHAPE);
    }

    private String choice(RnnEngines engines, Rnn.Shape shape) {
        String choice = choices(engines, shape).getFirst();
        String title = "LSTM " + shape.steps() + " x 3, 2 layers of 6 units: ";
        assertTrue(choice.startsWith(title), choice);
        return choice.substring(title.length());
    }

    /** Less than a tenth decides nothing. */
    @ParameterizedTest
    @CsvSource({"1000, 500, fused", "1000, 890, fused", "1000, 910, cudnn", "1000, 1000, cudnn", "500, 1000, cudnn"})
    void theFastestIsTakenAndThePreferredIfNoneIsClearlyFaster(double cudnn, double fused, String taken) {
        assertEquals(String.format("%s (cudnn %.3f ms, fused %.3f ms)", taken, cudnn, fused),
                choice(engines("auto", engine("cudnn", cudnn), engine("fused", fused))));
        assertEquals(List.of(), gpu.context().warnings());
    }

    /** Of own kernels, which differ by less. */
    @ParameterizedTest
    @CsvSource({"960, cluster", "980, fused"})
    void amongOwnOnesLessDecides(double milliseconds, String taken) {
        assertEquals(String.format("%s (fused 1000.000 ms, cluster %.3f ms)", taken, milliseconds),
                choice(engines("auto", engine("fused", 1000), engine("cluster", milliseconds))));
    }

    /** By a head that says how long it takes, and that runs beside the steps of a real engine. */
    @Test
    void partsCompeteWithTheHeadThatTakesThem() {
        Head.Shape above = new Head.Shape(6, 7, 5, Activation.RELU, List.of(70));
        Map<Integer, Integer> milliseconds = Map.of(4, 100, 2, 100, 1, 300);
        Map<Integer, List<Integer>> told = new TreeMap<>();
        BiFunction<GpuMemory, Head.Shape, Head> maker = (owner, of) -> new Head() {
            @Override
            public void run(Matrix weights, Matrix input, Ints targets, Doubles count, Matrix inputGradient, int part) {
                told.computeIfAbsent(of.parts().size(), _ -> new ArrayList<>()).add(part);
                nanoseconds += 1_000_000L * milliseconds.get(of.parts().size());
            }

            @Override
            public void finish(Doubles totals, Matrix gradients) {
                told.get(of.parts().size()).add(-1);
            }
        };
        Rnn.Shape shape = new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), 6, 1), 35, 2, true);
        RnnEngine fused =
                new FusedEngine(new GpuTools(gpu.context(), gpu.kernels(), products), Precision.FLOAT32, false);
        RnnEngines engines = engines("fused", fused);
        engines.rnn(memory, shape, 0, new OneLaunch(above, maker));
        String times = "fused in 4 parts 400.000 ms with the head, fused in 2 parts 200.000 ms with the head, "
                + "fused 300.000 ms with the head";
        assertEquals(List.of("LSTM 35 x 2, 6 units: fused in 2 parts (" + times + ")"), engines.choices());
        assertEquals(List.of(0, 1, 2, 3, -1), told.get(4).subList(0, 5));
        assertEquals(List.of(0, 1, -1), told.get(2).subList(0, 3));
        assertEquals(List.of(0, -1), told.get(1).subList(0, 2));
        assertEquals(2, engines.rnn(memory, shape, 0, new OneLaunch(above, maker)).parts());
        RnnEngines timeless =
                new RnnEngines(gpu.context(), Gpu.callByCall(Gpu.running("fused")), List.of(fused), plain,
                        new Autotuner(gpu.context(), false, null));
        assertEquals(4, timeless.rnn(memory, shape, 0, null).parts());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"NONE", "REFUSES"})
    void whatComputesSomethingElseIsNotTaken(Fault fault) {
        assertEquals("cudnn (fused computes something else)",
                choice(engines("auto", engine("cudnn", 900), faulty("fused", fault)), LONG));
        assertEquals(List.of("LSTM 35 x 3, 2 layers of 6 units: fused computes something else on this GPU than the "
                + "plain kernels and is not used; please report it"), gpu.context().warnings());
    }

    /** It is the library's, which nobody here can mend. */
    @Test
    void aWrongResultOfTheLibraryIsAFinding() {
        assertEquals("fused (cudnn computes something else)",
                choice(engines("auto", faulty("cudnn", Fault.NAN), engine("fused", 900))));
        assertEquals(List.of(), gpu.context().warnings());
    }

    @Test
    void whatCannotBeOpenedIsAFinding() {
        assertEquals("cudnn (fused: not today)",
                choice(engines("auto", engine("cudnn", 900), faulty("fused", Fault.REFUSES))));
    }

    @Test
    void obstaclesAreFindings() {
        assertEquals("cudnn (fused is for birds)", choice(engines("auto", engine("cudnn", 900),
                barred("fused", "fused is for birds"))));
    }

    /** Which is what all are held to. */
    @Test
    void thePlainOneServesWhereNoOtherDoes() {
        assertEquals("plain", choice(engines("auto", faulty("cudnn", Fault.GRADIENTS),
                faulty("fused", Fault.REFUSES))));
        assertEquals(List.of("charlstm's own kernels run the LSTM, which is slower than through cuDNN: cudnn computes "
                + "something else; fused: not today"), gpu.context().warnings());
    }

    /** An engine that a user asks for is compared with the plain kernels as well. */
    @ParameterizedTest
    @ValueSource(strings = {"fused", "cudnn"})
    void whatIsNamedAndComputesSomethingElseIsRefused(String name) {
        CharlstmException e = assertThrows(CharlstmException.class,
                () -> choice(engines(name, faulty(name, Fault.GRADIENTS))));
        assertEquals(name + " computes something else; auto does without it", e.getMessage());
        assertTrue(DeviceSetting.mending(e).contains(DeviceSetting.RNN_ENGINE));
        assertEquals(name, choice(engines(name, engine("cluster", 100), engine(name, 10))));
    }

    /** Several may answer to a name. */
    @Test
    void theFirstOfANameWithoutAnObstacleIsTaken() {
        assertEquals("fused (too wide)", choice(engines("fused", engine("cudnn", 100), barred("fused", "too wide"),
                engine("fused", 100))));
        CharlstmException e = assertThrows(CharlstmException.class, () -> choice(engines("fused",
                barred("fused", "fused is too wide"), barred("fused", "fused is too old"))));
        assertEquals("fused is too wide; fused is too old; auto does without it", e.getMessage());
    }

    /** Nothing is measured over one step, and nothing held to the plain kernels where they run by name. */
    @Test
    void whereThereIsNothingToWinNothingIsMeasured() {
        Rnn.Shape step = new Rnn.Shape(SHAPE.layers(), 1, 3, false);
        assertEquals(List.of("LSTM 1 x 3, 2 layers of 6 units, inference: cudnn"),
                choices(engines("auto", engine("cudnn", 900), engine("fused", 100)), step));
        assertEquals("plain", choice(engines("plain", engine("cudnn", 900), engine("fused", 100))));
    }

    private static Rnn.Shape of(RecurrentCell cell) {
        return new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), 6, 1, cell), 4, 3, true);
    }

    /** So whoever samples may name an engine for all cells; training, and many steps at once, are refused. */
    @ParameterizedTest
    @ValueSource(strings = {"fused", "cluster"})
    void aSingleStepThatTheFusedOnesLackIsPlain(String asked) {
        RecurrentCell before = new RecurrentCell.Gru(RecurrentActivation.SIGMOID, false);
        try (Device device = Gpu.device(Gpu.running(asked)); Memory scope = device.memory()) {
            device.operations().rnn(scope, new Rnn.Shape(of(before).layers(), 1, 3, false), 0);
            assertTrue(
                    device.choices().getFirst().startsWith("GRU 1 x 3, 6 units, inference: plain (rnn-engine " + asked),
                    device.choices().toString());
            assertThrows(ShapeException.class, () -> device.operations().rnn(scope,
                    new Rnn.Shape(of(before).layers(), 2, 3, false), 0));
        }
    }

    /** Of the simulated GPU's four multiprocessors; of layers in training, and of engines that know. */
    @Test
    void theBatchOfAsManyWavesIsTheEnginesThatWasChosen() {
        Rnn.Shape shape = of(RecurrentCell.Lstm.SIGMOID);
        try (Device device = Gpu.device("fused"); Memory scope = device.memory()) {
            device.operations().rnn(scope, new Rnn.Shape(shape.layers(), 4, 3, false), 0);
            assertEquals(0, device.waveBatch(3));
            device.operations().rnn(scope, shape, 0);
            device.operations().rnn(scope, new Rnn.Shape(shape.layers(), 4, 13, true), 0);
            assertEquals(List.of(4, 16, 0), Stream.of(3, 13, 5).map(device::waveBatch).toList());
        }
        for (var wave : Map.of("cluster", 8, "fused", 32).entrySet()) {
            try (Device device = Gpu.device(Gpu.running(wave.getKey()).withPrecision(Precision.BF16));
                    Memory scope = device.memory()) {
                device.operations().rnn(scope, shape, 0);
                assertEquals(wave.getValue(), device.waveBatch(3), wave.getKey());
            }
        }
        try (Device device = Gpu.device("plain"); Memory scope = device.memory()) {
            device.operations().rnn(scope, shape, 0);
            assertEquals(0, device.waveBatch(3));
        }
    }

    static Stream<Arguments> lacking() {
        String of = " runs GRUs with the reset after the product alone; auto does without it";
        RecurrentCell before = new RecurrentCell.Gru(RecurrentActivation.SIGMOID, false);
        String none = "cuDNN has no GRU with the reset before the product; auto does without it";
        return Stream.of(Arguments.of("fused", before, "rnn-engine fused" + of, DeviceSetting.RNN_ENGINE),
                Arguments.of("cluster", before, "rnn-engine cluster" + of, DeviceSetting.RNN_ENGINE),
                Arguments.of("cudnn", before, none, DeviceSetting.RNN_ENGINE),
                Arguments.of("persist-static", before, none, DeviceSetting.CUDNN_ALGORITHM),
                Arguments.of("cudnn", new RecurrentCell.Gru(RecurrentActivation.HARD_SIGMOID, true),
                        "cuDNN has no GRU with hard_sigmoid gates; auto does without it", DeviceSetting.RNN_ENGINE),
                Arguments.of("standard", new RecurrentCell.Lstm(RecurrentActivation.HARD_SIGMOID),
                        "cuDNN has no LSTM with hard_sigmoid gates; auto does without it",
                        DeviceSetting.CUDNN_ALGORITHM));
    }

    @ParameterizedTest
    @MethodSource("lacking")
    void anEngineThatLacksTheCellIsRefusedByName(String asked, RecurrentCell cell, String message,
            DeviceSetting setting) {
        try (Device device = Gpu.device(Gpu.running(asked)); Memory scope = device.memory()) {
            ShapeException e = assertThrows(ShapeException.class, () -> device.operations().rnn(scope, of(cell), 0));
            assertEquals(message, e.getMessage());
            assertTrue(DeviceSetting.mending(e).contains(setting), DeviceSetting.mending(e).toString());
        }
    }

    @Test
    void thatTheFusedOneLacksTheCellIsAFinding() {
        RnnEngine fused =
                new FusedEngine(new GpuTools(gpu.context(), gpu.kernels(), products), Precision.FLOAT32, false);
        Rnn.Shape gru = of(new RecurrentCell.Gru(RecurrentActivation.SIGMOID, false));
        String title = "GRU 4 x 3, 6 units: ";
        String finding = "rnn-engine fused runs GRUs with the reset after the product alone";
        assertEquals(List.of(title + "cudnn (" + finding + ")"),
                choices(engines("auto", engine("cudnn", 100), fused), gru));
        assertEquals(List.of(title + "plain (" + finding + ")"), choices(engines("auto", fused), gru));
        assertEquals(List.of(), gpu.context().warnings());
        assertEquals(List.of(title + "plain"), choices(engines("auto", barred("cudnn", "no cuDNN"), fused), gru));
        assertEquals(List.of("charlstm's own kernels run the GRU, which is slower than through cuDNN: no cuDNN; "
                + finding), gpu.context().warnings());
    }

    @Test
    void shapesOfInferenceAndOfNumbersCompeteAsWell() {
        for (boolean training : new boolean[] {true, false}) {
            Rnn.Shape shape = new Rnn.Shape(new Rnn.Layers(InputShape.ofMatrix(7), 6, 1,
                    new RecurrentCell.Lstm(RecurrentActivation.HARD_SIGMOID)), 4, 3, training);
            String choice = choices(engines("auto", engine("cudnn", 900), engine("fused", 100)), shape).getFirst();
            assertTrue(choice.endsWith(": fused (cudnn 900.000 ms, fused 100.000 ms)"), choice);
        }
    }
}
