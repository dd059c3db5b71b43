package org.charlstm.device.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.device.Device;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A GPU that runs nothing before the host waits: a read without a wait finds old values. */
@Needs(Need.SIMULATED_GPU)
class DeferredTest {
    private static final String STREAMS = "CHARLSTM_SIM_STREAMS";

    @BeforeEach
    void open() {
        Gpu.open().close();
    }

    @AfterEach
    void reset() {
        SimulatedGpu.set(STREAMS, null);
    }

    private static Device device(String streams) {
        SimulatedGpu.set(STREAMS, streams);
        return Gpu.device(Gpu.OPTIONS);
    }

    @Test
    void readsWaitForTheComputation() {
        try (Device device = device("deferred"); Memory memory = device.memory()) {
            Ints ints = memory.ints(3);
            ints.write(new int[] {1, 2, 3});
            device.operations().add(ints, 10);
            assertArrayEquals(new int[] {11, 12, 13}, ints.read());
            Matrix matrix = memory.matrix(2, 2);
            matrix.write(new double[] {1, 2, 3, 4});
            assertArrayEquals(new double[] {1, 2, 3, 4}, matrix.read());
        }
    }

    private record Result(double loss, double[] weights, List<String> sentences) {
    }

    private static Result train(String streams) {
        Captions captions = Captions.of(List.of("a cat", "a dog", "the sun is up", "two cats"));
        Corpus corpus = Corpus.encode(captions);
        try (Device device = device(streams);
                Model model = new Model(device, Initializer.keras(
                        Models.of(corpus.vocabulary().size(), 7, 5), 1));
                Trainer trainer = new Trainer(model, corpus, new TrainingOptions(3, 0.01, 1, true))) {
            trainer.epoch(EpochListener.NONE);
            double loss = trainer.epoch(EpochListener.NONE).loss();
            return new Result(loss, model.flatWeights().read(), new Sampler(model, corpus.vocabulary(),
                    SamplingOptions.DEFAULT.maxLength(corpus.steps())).sentences(3));
        }
    }

    @Test
    void trainingAndSamplingGiveTheSameBits() {
        Result eager = train("eager");
        Result deferred = train("deferred");
        assertEquals(eager.loss, deferred.loss);
        assertArrayEquals(eager.weights, deferred.weights);
        assertEquals(eager.sentences, deferred.sentences);
    }
}
