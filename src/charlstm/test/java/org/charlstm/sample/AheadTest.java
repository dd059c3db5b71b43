package org.charlstm.sample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.circle.Sampled;
import org.charlstm.circle.SecondCircle;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Traffic;
import org.charlstm.device.Device;
import org.charlstm.device.Device.Lease;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Draw;
import org.charlstm.device.TestDevices;
import org.charlstm.device.gpu.Gpu;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.nn.Weights;
import org.charlstm.sample.step.Stepper;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.Check.Outcome;
import org.charlstm.selftest.Tolerances;
import org.charlstm.selftest.models.ModelSelfTest;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On a GPU many symbols of a sentence are written in one launch: the same sentences as symbol by symbol. */
@Tag("long")
@Needs(Need.SIMULATED_GPU)
class AheadTest {
    private static final Corpus CORPUS = Corpus.encode(Captions.of(Captions.generated(160, 1).texts().stream()
            .map(text -> text.substring(0, Math.min(text.length(), 40))).toList()));
    private static Weights trained;

    @BeforeAll
    static void train() {
        Gpu.open().close();
        try (Device cpu = TestDevices.open("cpu");
                Model model = new Model(cpu, Initializer.keras(
                        Models.of(CORPUS.vocabulary().size(), 24, 24), 1));
                Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(20, 0.01, 1, true))) {
            for (int epoch = 0; epoch < 3; epoch++) {
                trainer.epoch(EpochListener.NONE);
            }
            trained = model.weights();
        }
    }

    private static DeviceOptions options(String engine) {
        return Gpu.running(engine);
    }

    private static List<String> sentences(Device device, SamplingOptions options, int count) {
        try (device; Model model = new Model(device, trained)) {
            return new Sampler(model, CORPUS.vocabulary(), options).sentences(count);
        }
    }

    private static Device cudasim(DeviceOptions options) {
        return Gpu.device(options);
    }

    private static Traffic written() {
        return SimulatedGpu.traffic(Kernel.SAMPLE.entry());
    }

    /** As the processor writes them, in launches of 64 symbols, past the end and up to it. */
    @ParameterizedTest
    @CsvSource({"0, 5, 'a ', true, 134", "0, 70, '', false, 20", "0.5, 1, '', true, 130",
        "0.5, 70, 'two ', false, 24", "1, 17, '', true, 130", "1, 129, '', false, 20"})
    @Sampled(every = 3)
    void theSameSentencesAsOnTheProcessor(double temperature, int count, String prime, boolean pastEnd, int length) {
        theSame(SamplingOptions.DEFAULT.temperature(temperature).seed(7).maxLength(length).prime(prime)
                .pastEnd(pastEnd), count);
    }

    @ParameterizedTest
    @CsvSource({"1, 3, 1", "1.5, 2147483647, 0.8", "2, 9, 0.6"})
    @Sampled(every = 3)
    void topKAndTopPAsOnTheProcessor(double temperature, int topK, double topP) {
        theSame(SamplingOptions.DEFAULT.temperature(temperature).topK(topK).topP(topP).seed(3).maxLength(16), 40);
    }

    private static void theSame(SamplingOptions options, int count) {
        List<String> expected = sentences(TestDevices.open("cpu"), options, count);
        Traffic before = written();
        assertEquals(expected, sentences(cudasim(options("fused")), options, count));
        assertEquals(options.pastEnd() ? 3 : 1, written().since(before).launches());
    }

    /** By the operations alone, and by turns with what draws many: neither notices the other. */
    @Test
    void drawsOneByOneAndManyAtOnceAlternate() {
        List<int[]> symbols = new ArrayList<>();
        List<double[]> logits = new ArrayList<>();
        for (boolean turns : new boolean[] {false, true}) {
            try (Device device = cudasim(options("fused"));
                    Model model = new Model(device, trained);
                    Lease _ = device.lease();
                    Stepper stepper = new Stepper(model, 5, 0)) {
                stepper.number(3, 0);
                stepper.feed(CORPUS.vocabulary().start());
                int[] all = new int[5 * 12];
                int at = 0;
                for (int steps : new int[] {2, 7, 1, 2}) {
                    // The first and the third are one by one in both.
                    if (turns && steps != 1 && at > 0) {
                        System.arraycopy(stepper.drawAhead(Draw.at(0.8), 9, steps), 0, all, 5 * at, 5 * steps);
                    } else {
                        for (int i = 0; i < steps; i++) {
                            int[] drawn = stepper.draw(Draw.at(0.8), 9);
                            System.arraycopy(drawn, 0, all, 5 * (at + i), 5);
                            stepper.feed(drawn);
                        }
                    }
                    at += steps;
                }
                symbols.add(all);
                logits.add(stepper.logits().read());
            }
        }
        assertArrayEquals(symbols.get(0), symbols.get(1));
        Agreement.require("logits", logits.get(0), logits.get(1), 1e-5);
    }

    /** 64 symbols are a launch, and one that counts the position on; more is nothing but more of them. */
    @ParameterizedTest
    @CsvSource({"64, 1", "65, 2", "128, 2"})
    @Sampled(every = 3)
    void sixtyFourSymbolsAreOneLaunch(int length, int launches) {
        SamplingOptions options = SamplingOptions.DEFAULT.maxLength(length).pastEnd(true);
        try (Device device = cudasim(options("fused")); Model model = new Model(device, trained)) {
            Sampler sampler = new Sampler(model, CORPUS.vocabulary(), options);
            long before = SimulatedGpu.count(SimulatedGpu.Counter.LAUNCHES);
            Traffic written = written();
            Traffic drawn = SimulatedGpu.traffic(Kernel.DRAW.entry());
            Traffic added = SimulatedGpu.traffic(Kernel.ADD.entry());
            sampler.sentences(9);
            assertEquals(launches, written().since(written).launches());
            assertEquals(launches, SimulatedGpu.traffic(Kernel.ADD.entry()).since(added).launches());
            assertEquals(0, SimulatedGpu.traffic(Kernel.DRAW.entry()).since(drawn).launches());
            // The start symbol is fed by an LSTM's kernel and a dense layer's for each of two.
            assertEquals(2 * launches + 3, SimulatedGpu.count(SimulatedGpu.Counter.LAUNCHES) - before);
        }
    }

    @Test
    @SecondCircle("the self-test's own; sixtyFourSymbolsAreOneLaunch")
    void theSelftestWritesManySymbolsALaunch() {
        Check check = ModelSelfTest.checks(Tolerances.FLOAT32).stream().filter(one -> one.name().equals("sentences"))
                .findFirst().orElseThrow();
        try (Device device = cudasim(options("fused"))) {
            Traffic before = written();
            // By the second of its temperatures.
            Outcome outcome = new Check(check.name(), check.tolerance(), check.cases().subList(1, 2)).run(device);
            assertTrue(outcome.passed(), outcome::toString);
            assertEquals(1, written().since(before).launches());
        }
    }

    /** In less than exact float32, and where kernels in one launch were not asked for, a launch is a symbol's. */
    @ParameterizedTest
    @CsvSource({"TF32, fused", "BF16, fused", "FLOAT32, plain", "FLOAT32, cudnn"})
    void otherPrecisionsAndEnginesWriteSymbolBySymbol(Precision precision, String engine) {
        SamplingOptions options = SamplingOptions.DEFAULT.maxLength(20);
        Traffic before = written();
        List<String> sentences = sentences(cudasim(options(engine).withPrecision(precision)), options, 3);
        assertEquals(3, sentences.size());
        assertEquals(0, written().since(before).launches());
    }
}
