package org.charlstm.bench;

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
public final class OperationTimes {
    /** Steps that count; one before them warms up. */
    private static final int STEPS = 8;
    /** Long steps need not be many. */
    private static final long ENOUGH_NANOS = 2_000_000_000;
    /** A rate at which nothing diverges, and which makes no number so small that it is slow to compute with. */
    private static final double NO_LEARNING = 1e-12;

    private OperationTimes() {
    }

    /**
     * Times a few steps on a model of its own.
     *
     * @param device    where to compute
     * @param weights   where to start from; untouched
     * @param corpus    what to learn
     * @param batchSize captions in a step; fewer where there are fewer
     * @return the median of each operation over the steps, in the order of a step
     */
    public static List<OperationTime> of(Device device, Weights weights, Corpus corpus, int batchSize) {
        int batch = Math.min(batchSize, corpus.rows());
        List<Map<String, Double>> steps = new ArrayList<>();
        long start = System.nanoTime();
        try (TimedDevice timed = new TimedDevice(device);
                Model model = new Model(timed, weights);
                Trainer trainer = new Trainer(model, corpus, new TrainingOptions(batch, NO_LEARNING, 1, false))) {
            while (wanted(steps, start)) {
                trainer.epoch((done, total, progress) -> {
                    Map<String, Double> laps = timed.laps();
                    // The last batch of an epoch may be smaller.
                    if (done % batch == 0) {
                        steps.add(laps);
                    }
                    return wanted(steps, start);
                });
            }
        }
        return medians(steps.subList(1, steps.size()));
    }

    private static boolean wanted(List<Map<String, Double>> steps, long start) {
        return steps.size() < 2 || steps.size() <= STEPS && System.nanoTime() - start < ENOUGH_NANOS;
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
