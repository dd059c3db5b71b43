package org.charlstm.device.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.circle.Sampled;
import org.charlstm.cuda.Precision;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.cpu.CpuDevice;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Twelve steps through the fused kernels, in parts, recorded, beside the processor and cuDNN's stand-in. */
@Tag("long")
@Needs(Need.SIMULATED_GPU)
class FusedTrainingTest {
    private static final int STEPS = 12;
    private static final Corpus CORPUS = SmallTraining.corpus(9, 18);

    private record Trained(double[] losses, double[] weights) {
        static Trained on(Device opened, int layers, RecurrentActivation gates) {
            try (Device device = opened;
                    Model model = new Model(device, Initializer.keras(Models.of(CORPUS.vocabulary().size(), 21, layers,
                            gates, List.of(new DenseLayer(17, Activation.RELU))), 1));
                    Trainer trainer = new Trainer(model, CORPUS, new TrainingOptions(CORPUS.rows(), 0.003, 1, true))) {
                double[] losses = new double[STEPS];
                List<Double> weights = new ArrayList<>();
                for (int step = 0; step < STEPS; step++) {
                    losses[step] = trainer.epoch(EpochListener.NONE).loss();
                }
                model.weights().tensors().forEach(tensor -> {
                    for (double value : tensor.values()) {
                        weights.add(value);
                    }
                });
                return new Trained(losses, weights.stream().mapToDouble(Double::doubleValue).toArray());
            }
        }
    }

    private static Device cudasim(String engine, Precision precision) {
        return Gpu.device(Gpu.running(engine).withPrecision(precision));
    }

    /** Weights take small steps by the signs of their gradients, so that in bf16 they say less than losses do. */
    @ParameterizedTest
    @CsvSource({"FLOAT32, 1, SIGMOID, 1e-5, 1e-3", "FLOAT32, 2, HARD_SIGMOID, 1e-5, 1e-3",
        "BF16, 2, SIGMOID, 3e-2, 0.2", "BF16, 1, HARD_SIGMOID, 3e-2, 0.2", "TF32, 1, SIGMOID, 1e-3, 0.05"})
    @Sampled(every = 5)
    void staysBesideTheOthers(Precision precision, int layers, RecurrentActivation gates, double ofLoss,
            double ofWeights) {
        Trained fused = Trained.on(cudasim("fused", precision), layers, gates);
        for (Trained other : List.of(Trained.on(new CpuDevice(new DeviceOptions(2)), layers, gates),
                Trained.on(cudasim(gates == RecurrentActivation.SIGMOID ? "cudnn" : "plain", precision), layers,
                        gates))) {
            Agreement.require("losses", other.losses, fused.losses, ofLoss);
            Agreement.require("weights", other.weights, fused.weights, ofWeights);
        }
        assertEquals(STEPS, fused.losses.length);
        assertTrue(fused.losses[STEPS - 1] < fused.losses[0] - 0.1, "it learns nothing");
    }
}
