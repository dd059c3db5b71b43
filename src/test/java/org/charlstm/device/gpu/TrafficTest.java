package org.charlstm.device.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumMap;
import java.util.Map;
import org.charlstm.cuda.Kernel;
import org.charlstm.device.Device;
import org.charlstm.device.UpdateRule.Adam;
import org.charlstm.device.UpdateRule.Sgd;
import org.charlstm.device.gpu.SimulatedGpu.Traffic;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Vocabulary;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.Test;

/**
 * What each kernel of a training step moves, as the simulated GPU counts it, against what its header says that it must:
 * it writes just that, and reads at least that, since what a cache would give again counts again here.
 */
@Needs(Need.SIMULATED_GPU)
class TrafficTest {
    private static final int HIDDEN = 8;
    private static final int DENSE = 12;
    private static final Corpus CORPUS;

    static {
        Captions captions = Captions.of(Captions.generated(37, 1).texts().stream().map(text -> text.substring(0, 9))
                .toList());
        CORPUS = Corpus.encode(captions, Vocabulary.of(captions));
    }

    private static void require(Map<Kernel, Traffic> moved, Kernel kernel, int launches, long read, long written) {
        Traffic traffic = moved.get(kernel);
        assertEquals(launches, traffic.launches(), kernel + " is launched");
        assertEquals(written, traffic.written(), kernel + " writes");
        assertTrue(traffic.read() >= read, kernel + " reads " + traffic.read() + ", less than the " + read
                + " that it must");
    }

    @Test
    void aStepMovesWhatItsKernelsSay() {
        long rows = (long) CORPUS.steps() * CORPUS.rows();
        long symbols = CORPUS.vocabulary().size();
        Step step = step(new TrainingOptions(CORPUS.rows(), 0.001, 1, true));
        Map<Kernel, Traffic> moved = step.moved;
        long parameters = step.parameters;
        long blocks = Math.ceilDiv(rows, 8);
        require(moved, Kernel.GATHER, 1, 8 * rows, 8 * rows);
        require(moved, Kernel.ADD, 2, 8, 8);
        require(moved, Kernel.ONE_HOT, 1, 4 * rows, 4 * rows * symbols);
        long weights = 4 * HIDDEN * (symbols + HIDDEN + 1);
        // There and back; the recurrent biases, which Keras does not have, are zeros.
        require(moved, Kernel.LSTM_WEIGHTS, 2, 8 * weights, 8 * weights + 16 * HIDDEN);
        require(moved, Kernel.BIAS_FORWARD, 2, 4 * rows * (DENSE + symbols), 4 * rows * (DENSE + symbols));
        require(moved, Kernel.CROSS_ENTROPY, 1, 4 * rows * symbols + 4 * rows, 4 * rows * symbols + 40 * blocks);
        require(moved, Kernel.TOTALS, 1, 40 * blocks, 40);
        long sums = Math.ceilDiv(parameters, 1024);
        require(moved, Kernel.SQUARES, 1, 4 * parameters, 8 * sums);
        require(moved, Kernel.L2_NORM, 1, 8 * sums + 16, 24);
        require(moved, Kernel.RMS_PROP, 1, 12 * parameters, 8 * parameters);
        Traffic backward = moved.get(Kernel.BIAS_BACKWARD);
        assertEquals(2, backward.launches());
        assertTrue(backward.read() >= 4 * rows * (2 * DENSE + symbols), backward.toString());
        assertEquals(4 * rows * DENSE + moved.get(Kernel.BIAS_SUM).read(), backward.written());
        assertEquals(4 * (DENSE + symbols), moved.get(Kernel.BIAS_SUM).written());
        assertEquals(17, moved.values().stream().mapToLong(Traffic::launches).sum());
    }

    /** Two batches that make an update, of gradients that are clipped by their values, which reads and writes all. */
    @Test
    void otherUpdatesMoveWhatTheirKernelsSay() {
        TrainingOptions options = new TrainingOptions(CORPUS.rows() / 2 + 1, 0.001, 1, true).accumulate(2)
                .clip(Double.POSITIVE_INFINITY, 1);
        Step step = step(options.rule(0.001, Adam.KERAS));
        require(step.moved, Kernel.ACCUMULATE, 2, 12 * step.parameters, 8 * step.parameters);
        require(step.moved, Kernel.CLIP, 1, 4 * step.parameters, 4 * step.parameters);
        require(step.moved, Kernel.ADAM, 1, 16 * step.parameters, 12 * step.parameters);
        require(step(options.rule(0.01, new Sgd(0.9, true, 0))).moved, Kernel.SGD, 1, 12 * step.parameters,
                8 * step.parameters);
        require(step(options.rule(0.01, Sgd.KERAS)).moved, Kernel.SGD, 1, 8 * step.parameters, 4 * step.parameters);
    }

    /** What an update has moved. */
    private record Step(Map<Kernel, Traffic> moved, long parameters) {
    }

    private static Step step(TrainingOptions options) {
        Gpu.open().close();
        Map<Kernel, Traffic> moved = new EnumMap<>(Kernel.class);
        try (Device device = new GpuDevice("cudasim", Gpu.libraries(),
                Gpu.OPTIONS);
                Model model = new Model(device, Initializer.keras(
                        Models.of(CORPUS.vocabulary().size(), HIDDEN, DENSE), 1));
                Trainer trainer = new Trainer(model, CORPUS, options)) {
            for (Kernel kernel : Kernel.values()) {
                moved.put(kernel, SimulatedGpu.traffic(kernel.entry()));
            }
            trainer.epoch(EpochListener.NONE);
            moved.replaceAll((kernel, before) -> SimulatedGpu.traffic(kernel.entry()).since(before));
            return new Step(moved, model.flatWeights().columns());
        }
    }
}
