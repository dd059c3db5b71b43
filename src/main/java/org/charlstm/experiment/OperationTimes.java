package org.charlstm.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.charlstm.device.Device;
import org.charlstm.nn.Model;
import org.charlstm.nn.Weights;
import org.charlstm.text.Corpus;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;

/** The operations of a training step of a whole batch, each timed on the device, outside of any recorded graph. */
final class OperationTimes {
    /** Steps that count; one before them warms up. */
    private static final int STEPS = 8;

    private OperationTimes() {
    }

    /** Trains for a few steps from some weights; the median of each operation over the steps. */
    static List<OperationTime> of(Device device, Weights weights, Corpus corpus, TrainingOptions options) {
        List<Map<String, Double>> steps = new ArrayList<>();
        try (TimedDevice timed = new TimedDevice(device);
                Model model = new Model(timed, weights);
                Trainer trainer = new Trainer(model, corpus, options)) {
            while (steps.size() <= STEPS) {
                trainer.epoch((done, total, progress) -> {
                    Map<String, Double> laps = timed.laps();
                    // The last batch of an epoch may be smaller.
                    if (done % options.batchSize() == 0) {
                        steps.add(laps);
                    }
                    return steps.size() <= STEPS;
                });
            }
        }
        return medians(steps.subList(1, steps.size()));
    }

    /** The median of each operation over measurements, in the order of the first. */
    static List<OperationTime> medians(List<Map<String, Double>> measurements) {
        Map<String, List<Double>> byName = new LinkedHashMap<>();
        measurements.forEach(each -> each.forEach((name, seconds) ->
                byName.computeIfAbsent(name, first -> new ArrayList<>()).add(seconds)));
        return byName.entrySet().stream()
                .map(entry -> new OperationTime(entry.getKey(), Spread.of(entry.getValue()).median())).toList();
    }
}
