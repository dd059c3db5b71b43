package org.charlstm.train;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.charlstm.device.Device;
import org.charlstm.nn.Model;
import org.charlstm.nn.Weights;
import org.charlstm.text.Corpus;

/**
 * Where the time of a step of training goes. Each operation is timed by itself and until it is done, so that on a
 * device that runs behind the host the sum is more than a step takes in an epoch.
 *
 * @param seconds a step's mean time in each operation, by its name in {@link org.charlstm.device.Operations}
 */
public record StepProfile(Map<String, Double> seconds) {
    /** The first steps load code and warm it up. */
    private static final int WARM_UP = 2;
    private static final int TIMED = 8;
    /** A rate at which nothing diverges, and which makes no number so small that it is slow to compute with. */
    private static final double NO_LEARNING = 1e-12;
    /** Long steps need no many. */
    private static final long ENOUGH_NANOS = 2_000_000_000;

    /**
     * Times a few steps of a model of its own, for a few seconds at most unless a step takes longer.
     *
     * @param device  where to compute
     * @param weights where to start from; untouched
     * @param corpus  what to learn
     * @param options how
     * @return the profile
     */
    public static StepProfile measure(Device device, Weights weights, Corpus corpus, TrainingOptions options) {
        int batch = Math.min(options.batchSize(), corpus.rows());
        TrainingOptions still = new TrainingOptions(batch, NO_LEARNING, options.epsilon(), options.seed(),
                options.shuffle());
        try (TimedDevice timed = new TimedDevice(device);
                Model model = new Model(timed, weights);
                Trainer trainer = new Trainer(model, corpus, still)) {
            Steps steps = new Steps(timed.timed(), batch);
            while (steps.more()) {
                trainer.epoch((done, total, progress) -> steps.step(done, total));
            }
            Map<String, Double> seconds = new LinkedHashMap<>();
            timed.timed().nanos().forEach((name, nanos) -> seconds.put(name, 1e-9 * nanos / steps.timed));
            return new StepProfile(seconds);
        }
    }

    /** Counts the steps and stops when there have been enough. */
    private static final class Steps {
        private final TimedOperations operations;
        private final int batch;
        private final long start = System.nanoTime();
        private int warm;
        private int timed;

        Steps(TimedOperations operations, int batch) {
            this.operations = operations;
            this.batch = batch;
        }

        boolean more() {
            return timed == 0 || timed < TIMED && System.nanoTime() - start < ENOUGH_NANOS;
        }

        /** After a step: whether another whole batch is left and wanted. */
        boolean step(int done, int total) {
            if (warm < WARM_UP) {
                warm++;
                operations.clear();
            } else {
                timed++;
            }
            return more() && total - done >= batch;
        }
    }

    /**
     * For scripts.
     *
     * @return an array of names and seconds, in the order of a step
     */
    public JsonArray json() {
        JsonArray operations = new JsonArray();
        seconds.forEach((name, time) -> {
            JsonObject operation = new JsonObject();
            operation.addProperty("name", name);
            operation.addProperty("seconds", time);
            operations.add(operation);
        });
        return operations;
    }
}
