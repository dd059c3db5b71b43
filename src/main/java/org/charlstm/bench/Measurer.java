package org.charlstm.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceException;
import org.charlstm.device.Devices;
import org.charlstm.device.RmsProp;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Weights;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Vocabulary;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Figures;
import org.charlstm.train.OperationTime;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;

/** Measures one configuration in this process. */
final class Measurer {
    private static final long SEED = 1;

    private final Task task;

    private Measurer(Task task) {
        this.task = task;
    }

    /** Does what is asked. Whatever goes wrong is part of the answer. */
    static Answer answer(Task task) {
        Measurer measuring = new Measurer(task);
        if (task.configuration() != null) {
            return new Answer(null, null, measuring.measurement());
        }
        try (Device device = measuring.open()) {
            Setup setup = task.setup();
            return new Answer(null, new DeviceSummary(setup.device(), setup.precision(), setup.threads(),
                    device.hardware(), device.description()), null);
        } catch (CharlstmException e) {
            return new Answer(e.getMessage(), null, null);
        }
    }

    private Device open() {
        return Devices.open(task.setup().device(), task.setup().options(task.protocol()));
    }

    private Measurement measurement() {
        try {
            return measured();
        } catch (DeviceException e) {
            return Measurement.without(e.outOfMemory() ? Status.DOES_NOT_FIT : Status.FAILED, e.getMessage());
        } catch (CharlstmException e) {
            return Measurement.without(Status.FAILED, e.getMessage());
        } catch (ArithmeticException e) {
            return Measurement.without(Status.DOES_NOT_FIT, "a size is beyond 32 bits: " + e.getMessage());
        } catch (RuntimeException | OutOfMemoryError e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof OutOfMemoryError) {
                    return Measurement.without(Status.DOES_NOT_FIT, "out of host memory (" + cause.getMessage() + ")");
                }
            }
            return Measurement.without(Status.FAILED, "internal error: " + e);
        }
    }

    private Measurement measured() {
        Captions captions = task.text().read();
        Corpus corpus = Corpus.encode(captions, Vocabulary.of(captions));
        Configuration sizes = task.configuration();
        ModelConfig config;
        try {
            config = new ModelConfig(corpus.vocabulary().size(), sizes.hidden(), sizes.layers(), sizes.dense());
        } catch (IllegalArgumentException e) {
            return Measurement.without(Status.DOES_NOT_FIT, e.getMessage());
        }
        TrainingOptions options = new TrainingOptions(sizes.batchSize(), RmsProp.LEARNING_RATE, SEED, true);
        Weights weights = Initializer.keras(config, SEED);
        List<Double> warmUp = new ArrayList<>();
        List<Double> seconds = new ArrayList<>();
        double loss = 0;
        try (Device device = open()) {
            try (Model model = new Model(device, weights); Trainer trainer = new Trainer(model, corpus, options)) {
                for (int epoch = 0; epoch < task.protocol().warmUp() + task.protocol().epochs(); epoch++) {
                    Figures figures = trainer.epoch(EpochListener.NONE);
                    (epoch < task.protocol().warmUp() ? warmUp : seconds).add(figures.seconds());
                    loss = figures.loss();
                }
            }
            // Before anything else takes memory.
            long hostBytes = HostMemory.peak();
            long deviceBytes = device.peakMemory();
            List<OperationTime> operations = OperationTime.ofStep(device, weights, corpus, options.batchSize());
            OptionalDouble ceiling = device.ceiling();
            return new Measurement(Status.MEASURED, null, TextSummary.fingerprint(captions), warmUp, seconds, loss,
                    ceiling.isPresent() ? ceiling.getAsDouble() : null, hostBytes, deviceBytes, operations,
                    Stream.concat(device.choices().stream(), device.warnings().stream()).toList());
        }
    }
}
