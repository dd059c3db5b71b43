package org.charlstm.device.gpu;

import static org.charlstm.device.gpu.KernelTraffic.requireMoved;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cuda.SimulatedGpu.Traffic;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.UpdateRule.Adam;
import org.charlstm.device.UpdateRule.Sgd;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.selftest.TrialMemory;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The bytes that each kernel of a training step moves, as the simulated GPU counts them, against what its header says
 * that it must: it writes just that, and reads at least that, since what a cache would give again counts again here.
 */
@Needs(Need.SIMULATED_GPU)
class TrafficTest {
    private static final int HIDDEN = 8;
    private static final int DENSE = 12;
    private static final Corpus CORPUS = SmallTraining.corpus(37, 9);

    @Test
    void aStepMovesWhatItsKernelsSay() {
        long rows = (long) CORPUS.steps() * CORPUS.rows();
        long symbols = CORPUS.vocabulary().size();
        Step step = step(new TrainingOptions(CORPUS.rows(), 0.001, 1, true));
        Map<Kernel, Traffic> moved = step.moved;
        long parameters = step.parameters;
        long blocks = Math.ceilDiv(rows, 8);
        requireMoved(moved, Kernel.GATHER, 1, 8 * rows, 8 * rows);
        requireMoved(moved, Kernel.ADD, 2, 8, 8);
        requireMoved(moved, Kernel.ONE_HOT, 1, 4 * rows, 4 * rows * symbols);
        long weights = 4 * HIDDEN * (symbols + HIDDEN + 1);
        // There and back; the recurrent biases, which Keras does not have, are zeros.
        requireMoved(moved, Kernel.RNN_WEIGHTS, 2, 8 * weights, 8 * weights + 16 * HIDDEN);
        requireMoved(moved, Kernel.BIAS_FORWARD, 2, 4 * rows * (DENSE + symbols), 4 * rows * (DENSE + symbols));
        requireMoved(moved, Kernel.CROSS_ENTROPY, 1, 4 * rows * symbols + 4 * rows, 4 * rows * symbols + 40 * blocks);
        requireMoved(moved, Kernel.TOTALS, 1, 40 * blocks, 40);
        long sums = Math.ceilDiv(parameters, 1024);
        requireMoved(moved, Kernel.SQUARES, 1, 4 * parameters, 8 * sums);
        requireMoved(moved, Kernel.L2_NORM, 1, 8 * sums + 16, 24);
        requireMoved(moved, Kernel.RMS_PROP, 1, 12 * parameters, 8 * parameters);
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
        requireMoved(step.moved, Kernel.ACCUMULATE, 2, 12 * step.parameters, 8 * step.parameters);
        requireMoved(step.moved, Kernel.CLIP, 1, 4 * step.parameters, 4 * step.parameters);
        requireMoved(step.moved, Kernel.ADAM, 1, 16 * step.parameters, 12 * step.parameters);
        requireMoved(step(options.rule(0.01, new Sgd(0.9, true, 0))).moved, Kernel.SGD, 1, 12 * step.parameters,
                8 * step.parameters);
        requireMoved(step(options.rule(0.01, Sgd.KERAS)).moved, Kernel.SGD, 1, 8 * step.parameters,
                4 * step.parameters);
    }

    static Stream<RecurrentCell> cells() {
        return Stream.of(RecurrentCell.Gru.RESET_AFTER, new RecurrentCell.Gru(RecurrentActivation.SIGMOID, false),
                new RecurrentCell.Elman(Activation.TANH));
    }

    /** Of ids, from zeros, there and back. */
    @ParameterizedTest
    @MethodSource("cells")
    void stepsOfOtherCellsMoveWhatTheirKernelsSay(RecurrentCell cell) {
        int steps = 5;
        int batch = 3;
        long all = 4L * steps * batch * HIDDEN;
        long later = all - all / steps;
        long ids = 4L * steps * batch;
        long bias = 4L * steps * HIDDEN;
        Map<Kernel, Traffic> moved = moved(
                new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(7), HIDDEN, 1, cell), steps, batch, true));
        if (cell instanceof RecurrentCell.Elman) {
            requireMoved(moved, Kernel.ELMAN_FORWARD, steps, all + later + bias + ids, 2 * all);
            requireMoved(moved, Kernel.ELMAN_BACKWARD, steps, 2 * all + later, all);
        } else if (cell.biasRows() == 2) {
            requireMoved(moved, Kernel.GRU_FORWARD, steps, 3 * all + 4 * later + 6 * bias + ids, 5 * all);
            requireMoved(moved, Kernel.GRU_BACKWARD, steps, 5 * all + 2 * later, 7 * all);
        } else {
            requireMoved(moved, Kernel.GRU_FORWARD, steps, 3 * all + 4 * later + 3 * bias + ids, 4 * all);
            requireMoved(moved, Kernel.GRU_RESET, steps - 1, 3 * later, later);
            requireMoved(moved, Kernel.GRU_BACKWARD, steps, 3 * all + 2 * later, 3 * all);
            requireMoved(moved, Kernel.GRU_RESET_BACKWARD, steps, 3 * all + later, 2 * all);
        }
    }

    private static Map<Kernel, Traffic> moved(Rnn.Shape shape) {
        try (Device device = Gpu.device(Gpu.callByCall(Gpu.running("plain")));
                TrialMemory scope = new TrialMemory(device)) {
            int size = scope.operations().rnnLayout(shape.layers()).size();
            Matrix weights = scope.flat(new double[size]);
            Matrix gradients = scope.flat(new double[size]);
            Input input = new Input.Ids(scope.ints(new int[shape.rows()]));
            Matrix output = scope.matrix(shape.rows(), HIDDEN);
            Matrix outputGradient = scope.matrix(shape.rows(), HIDDEN);
            Rnn rnn = scope.operations().rnn(scope.memory(), shape, 0);
            return KernelTraffic.moved(() -> {
                rnn.forward(weights, input, null, output);
                rnn.backward(weights, input, output, outputGradient, null, gradients);
                gradients.read();
            });
        }
    }

    /** The traffic of an update. */
    private record Step(Map<Kernel, Traffic> moved, long parameters) {
    }

    private static Step step(TrainingOptions options) {
        try (Device device = Gpu.device(Gpu.OPTIONS);
                Model model = new Model(device, Initializer.keras(
                        Models.of(CORPUS.vocabulary().size(), HIDDEN, DENSE), 1));
                Trainer trainer = new Trainer(model, CORPUS, options)) {
            return new Step(KernelTraffic.moved(() -> trainer.epoch(EpochListener.NONE)),
                    model.flatWeights().columns());
        }
    }
}
