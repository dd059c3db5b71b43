package org.charlstm.selftest.models;

import module java.base;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.device.reference.ReferenceDevice;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.Weights;
import org.charlstm.selftest.Check;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;

/** Checks ten steps of training, the last with a smaller batch. The first training on each device is cached. */
final class TrainingCheck {
    private static final int STEPS = 10;
    private static final int BATCH = 16;
    private static final int ROWS = STEPS * BATCH - 3;
    private static final int LENGTH = 31;
    private static final List<Integer> UNITS = List.of(37, 64);

    private record Result(double[] losses, Weights weights) {
        static Result on(Device device, int units) {
            Corpus corpus = Corpus.encode(Captions.of(Captions.generated(ROWS, 1).texts().stream()
                    .map(text -> text.substring(0, Math.min(LENGTH, text.length()))).toList()));
            ModelConfig config = ModelConfig.of(corpus.vocabulary().size(), new RecurrentLayer(units),
                    new DenseLayer(units, Activation.RELU));
            TrainingOptions options = new TrainingOptions(BATCH, RmsProp.LEARNING_RATE, 1, true);
            try (Model model = new Model(device, Initializer.keras(config, 1));
                    Trainer trainer = new Trainer(model, corpus, options)) {
                List<Double> losses = new ArrayList<>();
                trainer.epoch((done, total, progress) -> losses.add(progress.loss()));
                return new Result(losses.stream().mapToDouble(Double::doubleValue).toArray(), model.weights());
            }
        }
    }

    private final Map<Integer, Result> oracles = new HashMap<>();
    private final IdentityHashMap<Device, Map<Integer, Result>> devices = new IdentityHashMap<>();

    List<Check.Case> losses() {
        return cases((units, memory, comparison) -> comparison.agree("mean losses", expected(units).losses,
                on(memory.device(), units).losses));
    }

    List<Check.Case> weights() {
        return cases((units, memory, comparison) -> WeightsComparison.agree(comparison, expected(units).weights,
                on(memory.device(), units).weights));
    }

    List<Check.Case> repeated() {
        return cases((units, memory, comparison) -> {
            Result first = on(memory.device(), units);
            Result second = Result.on(memory.device(), units);
            comparison.same("mean losses", first.losses, second.losses);
            WeightsComparison.same(comparison, first.weights, second.weights);
        });
    }

    private static List<Check.Case> cases(Check.Definition<Integer> definition) {
        return Check.Case.byDefinition(UNITS, units -> units + " units, T " + (LENGTH + 1) + ", B " + BATCH,
                definition);
    }

    private Result expected(int units) {
        return oracles.computeIfAbsent(units, its -> {
            try (Device oracle = new ReferenceDevice()) {
                return Result.on(oracle, its);
            }
        });
    }

    private Result on(Device device, int units) {
        return devices.computeIfAbsent(device, its -> new HashMap<>())
                .computeIfAbsent(units, its -> Result.on(device, its));
    }
}
