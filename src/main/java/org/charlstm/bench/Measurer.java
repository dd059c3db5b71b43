package org.charlstm.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.DeviceException;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.bench.MeasurementProcess.Answer;
import org.charlstm.bench.MeasurementProcess.Task;
import org.charlstm.device.Device;
import org.charlstm.device.Devices;
import org.charlstm.nn.Model;
import org.charlstm.nn.Weights;
import org.charlstm.run.Setup;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Figures;
import org.charlstm.train.OperationTime;
import org.charlstm.train.Trainer;

/** Measures one configuration in this process. */
final class Measurer {
    private final Task task;

    private Measurer(Task task) {
        this.task = task;
    }

    /** Does what is asked. Whatever goes wrong is part of the answer. */
    static Answer answer(Task task) {
        Measurer measuring = new Measurer(task);
        Configuration configuration = task.configuration();
        if (configuration != null) {
            return new Answer(null, null, measuring.measurement(configuration));
        }
        try (Device device = measuring.open()) {
            DeviceSetup asked = task.setup();
            return new Answer(null, new DeviceSetup.Summary(asked.device(), asked.precision(), asked.threads(),
                    device.hardware(), device.description()), null);
        } catch (CharlstmException e) {
            return new Answer(e.getMessage(), null, null);
        }
    }

    private Device open() {
        return Devices.open(task.setup().device(), task.setup().options(task.protocol()));
    }

    private Measurement measurement(Configuration configuration) {
        try {
            return measured(configuration);
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

    private Measurement measured(Configuration configuration) {
        Captions captions = task.text().read();
        Corpus corpus = task.text().encode(captions);
        Setup setup = configuration.setup();
        Weights weights;
        try {
            weights = setup.weights(corpus.vocabulary().size());
        } catch (IllegalArgumentException e) {
            return Measurement.without(Status.DOES_NOT_FIT, String.valueOf(e.getMessage()));
        }
        List<Double> warmUp = new ArrayList<>();
        List<Double> seconds = new ArrayList<>();
        double loss = 0;
        try (Device device = open()) {
            try (Model model = new Model(device, weights);
                    Trainer trainer = new Trainer(model, corpus, setup.training())) {
                for (int epoch = 0; epoch < task.protocol().warmUp() + task.protocol().epochs(); epoch++) {
                    Figures figures = Objects.requireNonNull(trainer.epoch(EpochListener.NONE),
                            "an epoch that nobody stops has figures");
                    (epoch < task.protocol().warmUp() ? warmUp : seconds).add(figures.seconds());
                    loss = figures.loss();
                }
            }
            // Before anything else takes memory.
            long hostBytes = HostMemory.peak();
            long deviceBytes = device.peakMemory();
            List<OperationTime> operations = OperationTime.ofStep(device, weights, corpus, setup.training());
            OptionalDouble ceiling = device.ceiling();
            return new Measurement(Status.MEASURED, null, TextSummary.fingerprint(captions), warmUp, seconds, loss,
                    ceiling.isPresent() ? ceiling.getAsDouble() : null, hostBytes, deviceBytes, operations,
                    Stream.concat(device.choices().stream(), device.warnings().stream()).toList());
        }
    }
}
