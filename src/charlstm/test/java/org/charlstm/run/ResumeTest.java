package org.charlstm.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.Agreement;
import org.charlstm.CharlstmException;
import org.charlstm.circle.Sampled;
import org.charlstm.circle.SecondCircle;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.TestDevices;
import org.charlstm.device.UpdateRule.Adam;
import org.charlstm.device.UpdateRule.Sgd;
import org.charlstm.io.ModelFile;
import org.charlstm.io.format.Safetensors;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.Tensor;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.RunJson;
import org.charlstm.run.folder.RunState;
import org.charlstm.run.folder.StateFile;
import org.charlstm.text.Captions;
import org.charlstm.text.generated.GeneratedCaptions;
import org.charlstm.train.EpochListener;
import org.charlstm.train.PaddingMode;
import org.charlstm.train.Schedule;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A run that was stopped anywhere and goes on is the run that nothing stopped. */
@Tag("long")
@Tag("outside")
class ResumeTest {
    private static final int STEPS = 4;
    private static final Captions CAPTIONS = Captions.of(GeneratedCaptions.generate(17, 3).stream()
            .map(caption -> caption.substring(0, Math.min(12, caption.length()))).toList());
    private static final TrainingText TEXT = TrainingText.of(CAPTIONS).holdingBack(3);
    private static final Setup SETUP = Setup.LAB.sized(9, 2, 7).epochs(3)
            .training(new TrainingOptions(4, 0.05, 5, true));

    /** With masks of each batch and moving values that have to go on, too. */
    private static final ModelLayers EVERY_LAYER = new ModelLayers(7, List.of(9, 5), RecurrentCell.Lstm.SIGMOID, 0.2,
            List.of(6, 7), true, true, Prediction.ALL, 0);

    /** Runs that nothing stops, each for all tests that stop the same run. */
    private static final Map<List<Object>, String> WHOLE = new HashMap<>();

    @TempDir
    private static Path shared;

    @TempDir
    private Path folder;

    @AfterAll
    static void forget() {
        WHOLE.clear();
    }

    /** Stops a run after so many steps, counted from its beginning. */
    private static final class StopAfter implements RunListener {
        private int left;
        private TrainingRun run;

        StopAfter(int steps) {
            left = steps;
        }

        @Override
        public void begin(TrainingRun begun) {
            run = begun;
        }

        @Override
        public void step(int done, int total, EpochListener.Progress progress) {
            if (--left == 0) {
                run.stop();
            }
        }
    }

    private TrainingRun.End begin(String device, String name, int stopAfter, UnaryOperator<TrainingRun> more) {
        return begin(device, name, stopAfter, SETUP, more);
    }

    private TrainingRun.End begin(String device, String name, int stopAfter, Setup setup,
            UnaryOperator<TrainingRun> more) {
        return SmallRun.with(device, TEXT, setup, run -> more.apply(run.sentences(1, 1).add(new StopAfter(stopAfter)))
                .train(folder.resolve(name), false));
    }

    private TrainingRun.End resume(String device, String name, int stopAfter, Setup setup) {
        return SmallRun.with(device, TEXT, setup,
                run -> run.sentences(1, 1).add(new StopAfter(stopAfter)).resume(folder.resolve(name)));
    }

    /** The folder of a run that nothing stops. */
    private String whole(String device, Setup setup) {
        return WHOLE.computeIfAbsent(List.of(device, setup), key -> {
            String name = shared.resolve("whole-" + WHOLE.size()).toString();
            assertEquals(TrainingRun.End.WHOLE, begin(device, name, -1, setup, run -> run));
            return name;
        });
    }

    /** All of a folder that no clock has a part in. */
    private List<String> content(String name) throws IOException {
        List<String> content = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve(name).resolve(RunFolder.METRICS))) {
            JsonObject json = JsonParser.parseString(line).getAsJsonObject();
            json.remove("seconds");
            json.remove("chars_per_second");
            content.add(json.toString());
        }
        content.addAll(Files.readAllLines(folder.resolve(name).resolve(RunFolder.SAMPLES)));
        RunState state = StateFile.load(folder.resolve(name));
        content.add(state.training().epoch() + " " + state.training().rows() + " " + state.best());
        return content;
    }

    private void assertSame(String expected, String actual) throws IOException {
        assertEquals(content(expected), content(actual));
        for (String file : List.of(ModelFile.NAME, RunFolder.BEST)) {
            assertArrayEquals(Files.readAllBytes(folder.resolve(expected).resolve(file)),
                    Files.readAllBytes(folder.resolve(actual).resolve(file)), file);
        }
        assertEquals(StateFile.load(folder.resolve(expected)).training().states(),
                StateFile.load(folder.resolve(actual)).training().states());
        try (Stream<Path> files = Files.list(folder.resolve(actual))) {
            assertEquals(List.of(), files.filter(file -> file.getFileName().toString().startsWith(".")).toList());
        }
    }

    static Stream<Arguments> places() {
        return TestDevices.once(TestDevices.all()).flatMap(device -> IntStream.of(1, STEPS - 1, STEPS, STEPS + 1,
                2 * STEPS + 2, 3 * STEPS).mapToObj(steps -> Arguments.of(device, steps)));
    }

    @ParameterizedTest
    @MethodSource("places")
    @Sampled(every = 3)
    void goesOnToTheBitWhereverItWasStopped(String device, int steps) throws IOException {
        begin(device, "stopped", steps, run -> run);
        assertEquals(TrainingRun.End.WHOLE, resume(device, "stopped", -1, SETUP));
        assertSame(whole(device, SETUP), "stopped");
        assertEquals(1, description("stopped").getAsJsonArray("resumed").size());
    }

    /** Code and memory are cold in it, whichever of the run's processes it is. */
    @Test
    void theFirstEpochOfEachProcessIsNotInTheTimesOfTheOthers() throws IOException {
        Setup setup = SETUP.epochs(7);
        begin("cpu", "often", 2 * STEPS, setup, run -> run);
        resume("cpu", "often", 2 * STEPS + 1, setup);
        resume("cpu", "often", -1, setup);
        JsonObject described = description("often");
        assertEquals("[3,5]", described.get("resumed_with").toString());
        List<Double> others = Files.readAllLines(folder.resolve("often").resolve(RunFolder.METRICS)).stream()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .filter(line -> List.of(2, 4, 6, 7).contains(line.get("epoch").getAsInt()))
                .map(line -> line.get("seconds").getAsDouble()).toList();
        JsonObject times = described.getAsJsonObject("seconds_per_epoch");
        assertEquals(others.stream().mapToDouble(Double::doubleValue).average().orElseThrow(),
                times.get("mean").getAsDouble(), 1e-12);
        assertEquals(others.stream().mapToDouble(Double::doubleValue).max().orElseThrow(),
                times.get("max").getAsDouble());
        // Nothing is left to do, and nothing is told anew.
        resume("cpu", "often", -1, setup);
        assertEquals(described, description("often"));
    }

    /** The rate falls after epochs 2 and 3, whose losses are no lower by far; updates are of eight and of six. */
    static Stream<Arguments> updates() {
        TrainingOptions options = SETUP.training();
        return Stream.of(options.rule(0.05, Adam.KERAS_W).schedule(new Schedule.Plateau(0.5, 1, 0), 3).accumulate(2),
                options.rule(0.5, new Sgd(0.9, true, 0.01)).schedule(new Schedule.Cosine(3, 0.01), 2)
                        .clip(Double.POSITIVE_INFINITY, 0.01).padding(PaddingMode.BUCKET),
                options.streams(true))
                .flatMap(asked -> TestDevices.once(TestDevices.all()).flatMap(device -> IntStream.of(1, 3)
                        .mapToObj(steps -> Arguments.of(device, steps, asked))));
    }

    @ParameterizedTest
    @MethodSource("updates")
    @Sampled(every = 6)
    void goesOnToTheBitWithEveryUpdate(String device, int steps, TrainingOptions options) throws IOException {
        Setup setup = SETUP.training(options).layers(EVERY_LAYER);
        String whole = whole(device, setup);
        begin(device, "stopped", steps, setup, run -> run);
        assertEquals(TrainingRun.End.WHOLE, resume(device, "stopped", -1, setup));
        assertSame(whole, "stopped");
        assertEquals(StateFile.load(folder.resolve(whole)).training().course(),
                StateFile.load(folder.resolve("stopped")).training().course());
    }

    static Stream<Arguments> cells() {
        return TestDevices.once(TestDevices.all()).flatMap(device -> Stream.of(RecurrentCell.Named.values())
                .map(cell -> Arguments.of(device, cell.with(RecurrentActivation.SIGMOID, true))));
    }

    @ParameterizedTest
    @MethodSource("cells")
    @Sampled(every = 4)
    void goesOnToTheBitWithEveryCell(String device, RecurrentCell cell) throws IOException {
        Setup setup = SETUP.layers(EVERY_LAYER.of(cell));
        begin(device, "whole", -1, setup, run -> run);
        begin(device, "stopped", STEPS + 1, setup, run -> run);
        assertEquals(TrainingRun.End.WHOLE, resume(device, "stopped", -1, setup));
        assertSame("whole", "stopped");
    }

    /** Losses that are never lower by enough: the first is the best, and after each other one the rate falls. */
    @Test
    void theLossOfValidationDecidesAndAResumedRunKnowsWhatItWas() throws IOException {
        Setup setup = SETUP.training(SETUP.training().rule(1e-6, Sgd.KERAS).schedule(new Schedule.Plateau(0.5, 2, 0),
                0));
        begin("cpu", "run", -1, setup.epochs(2), run -> run);
        Schedule.Course course = StateFile.load(folder.resolve("run")).training().course();
        assertEquals(new Schedule.Course(1, course.best(), 1), course);
        JsonObject first = JsonParser.parseString(Files.readAllLines(folder.resolve("run").resolve(RunFolder.METRICS))
                .getFirst()).getAsJsonObject();
        assertEquals(first.get("val_loss").getAsDouble(), course.best());
        resume("cpu", "run", -1, setup.epochs(4));
        assertEquals(new Schedule.Course(0.5, course.best(), 1),
                StateFile.load(folder.resolve("run")).training().course());
        assertEquals(List.of("1.0E-6", "1.0E-6", "1.0E-6", "5.0E-7"),
                Files.readAllLines(folder.resolve("run").resolve(RunFolder.METRICS)).stream().map(line -> JsonParser
                        .parseString(line).getAsJsonObject().get("learning_rate").getAsString()).toList());
    }

    @Test
    void aCarriedStateOfOtherShapesIsRefused() throws IOException {
        Setup setup = SETUP.training(SETUP.training().streams(true));
        begin("cpu", "run", 1, setup, run -> run);
        Path file = folder.resolve("run").resolve(StateFile.NAME);
        Safetensors content = Safetensors.read(file);
        Safetensors.write(file, content.tensors().values().stream()
                .map(tensor -> tensor.name().startsWith(ModelFile.CARRIED)
                        ? new Tensor(tensor.name(), List.of(1, 1), new double[1]) : tensor)
                .toList(), content.metadata());
        for (String state : List.of("run", "run/" + StateFile.NAME)) {
            String message = assertThrows(CharlstmException.class, () -> resume("cpu", state, -1, setup))
                    .getMessage();
            assertTrue(message.startsWith(file + " does not fit the run that it is a state of: a state of "), message);
        }
    }

    @Test
    void anotherUpdateIsRefusedByName() {
        begin("cpu", "run", 1, run -> run);
        TrainingOptions options = SETUP.training();
        Map.of("update rule", options.rule(0.05, Adam.KERAS), "accumulate", options.accumulate(2), "clip value",
                options.clip(Double.POSITIVE_INFINITY, 1))
                .forEach((what, other) -> {
                    String message = assertThrows(CharlstmException.class,
                            () -> resume("cpu", "run", -1, SETUP.training(other))).getMessage();
                    assertTrue(message.startsWith("the run's " + what + " is "), message);
                    assertTrue(
                            message.endsWith(
                                    "; it can only go on with its own, but another run can start from its weights"),
                            message);
                });
    }

    private JsonObject description(String name) throws IOException {
        return RunJson.read(folder.resolve(name));
    }

    @Test
    void goesOnAsOftenAsItIsStopped() throws IOException {
        begin("cpu", "often", 1, run -> run);
        for (int i = 2; i < 3 * STEPS; i++) {
            assertFalse(resume("cpu", "often", 1, SETUP) == TrainingRun.End.WHOLE);
        }
        assertEquals(TrainingRun.End.WHOLE, resume("cpu", "often", -1, SETUP));
        assertSame(whole("cpu", SETUP), "often");
    }

    /** One device has its own roundings; RMSprop makes of them no more than these. */
    @Test
    @Needs(Need.GPU)
    void goesOnOnAnotherDevice() throws IOException {
        String other = TestDevices.once(TestDevices.gpus()).findFirst().orElseThrow();
        begin("cpu", "moved", STEPS + 2, run -> run);
        assertEquals(TrainingRun.End.WHOLE, resume(other, "moved", -1, SETUP));
        List<Tensor> expected = ModelFile.load(folder.resolve(whole("cpu", SETUP))).weights().tensors();
        List<Tensor> actual = ModelFile.load(folder.resolve("moved")).weights().tensors();
        for (int i = 0; i < expected.size(); i++) {
            Agreement.require(expected.get(i).name(), expected.get(i).values(), actual.get(i).values(), 2e-3);
        }
    }

    /** Seconds within an epoch: what a kill then leaves is in the midst of it. */
    @Test
    @SecondCircle("another moment; goesOnToTheBitWhereverItWasStopped has some")
    void savesWithinAnEpochToo() throws IOException {
        List<Integer> rows = new ArrayList<>();
        RunListener slow = new RunListener() {
            @Override
            public void step(int done, int total, EpochListener.Progress progress) {
                if (rows.size() < STEPS - 1) {
                    // The state of the step before is written meanwhile.
                    try {
                        Thread.sleep(1100);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    rows.add(StateFile.load(folder.resolve("slow")).training().rows());
                }
            }
        };
        begin("cpu", "slow", -1, run -> run.add(slow).checkpoints(new TrainingRun.Checkpoints(1, 1, 1)));
        assertEquals(List.of(0, 4, 8), rows);
        assertSame(whole("cpu", SETUP), "slow");
    }

    /** A kill between an epoch's figures and its state leaves figures that the state knows nothing of. */
    @Test
    void figuresOfAnEpochThatItsStateIsInTheMidstOfAreMadeAgain() throws IOException {
        String whole = whole("cpu", SETUP);
        begin("cpu", "killed", STEPS + 2, run -> run);
        Path metrics = folder.resolve("killed").resolve(RunFolder.METRICS);
        List<String> lines = Files.readAllLines(folder.resolve(whole).resolve(RunFolder.METRICS));
        Files.write(metrics, lines.subList(0, 2));
        assertEquals(TrainingRun.End.WHOLE, resume("cpu", "killed", -1, SETUP));
        assertSame(whole, "killed");
    }
}
