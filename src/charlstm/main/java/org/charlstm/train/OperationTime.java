package org.charlstm.train;

import module java.base;
import org.charlstm.base.Spread;
import org.charlstm.device.Device;
import org.charlstm.nn.Model;
import org.charlstm.nn.Weights;
import org.charlstm.text.Corpus;

/** The seconds of all calls of an operation, such as {@code lstm forward}, in a step that is not captured. */
public record OperationTime(String name, double seconds) {
    /** The number of timed steps, after one warm-up step. */
    private static final int STEPS = 8;
    /** Timing ends after this time even with fewer steps. */
    private static final long ENOUGH_NANOS = 2_000_000_000;
    /** A learning rate at which nothing diverges and no number becomes denormal, since denormals would be slow. */
    private static final double NO_LEARNING = 1e-12;

    /** Whether the environment asks for the times of each kernel, however short the training. */
    public static boolean isAskedFor() {
        return TimedDevice.timesKernels();
    }

    /**
     * Times a few steps of a new model with the given weights, which stay unchanged. Returns the median of each
     * operation over the steps, in the order of a step. If batches differ in length, only updates with the most common
     * number of time steps count (the largest of equally common numbers). The options' learning rate is ignored.
     */
    public static List<OperationTime> ofStep(Device device, Weights weights, Corpus corpus,
            TrainingOptions options) {
        Buckets buckets = Buckets.of(corpus, options.padding());
        List<List<OperationTime>> steps = new ArrayList<>();
        long start = System.nanoTime();
        try (TimedDevice timed = new TimedDevice(device);
                Model model = new Model(timed, weights);
                Trainer trainer = new Trainer(model, corpus, options.rule(NO_LEARNING, options.rule()))) {
            for (int epoch = 1; wanted(steps.size(), start); epoch++) {
                List<Long> computed = EpochPlan.of(corpus, options, buckets, epoch).updates().stream()
                        .map(EpochPlan::steps).toList();
                long common = mostCommon(computed);
                Iterator<Long> next = computed.iterator();
                trainer.epoch((done, total, progress) -> {
                    List<OperationTime> laps = timed.laps();
                    if (next.next() == common) {
                        steps.add(laps);
                    }
                    return wanted(steps.size(), start);
                });
            }
        }
        return medians(steps.subList(1, steps.size()));
    }

    /** The most common number; of equally common numbers, the largest. */
    static long mostCommon(List<Long> numbers) {
        Map<Long, Integer> often = new HashMap<>();
        numbers.forEach(number -> often.merge(number, 1, Integer::sum));
        return often.entrySet().stream().max(Map.Entry.<Long, Integer>comparingByValue()
                .thenComparing(Map.Entry.comparingByKey())).orElseThrow().getKey();
    }

    private static boolean wanted(int steps, long start) {
        return steps < 2 || (steps <= STEPS && System.nanoTime() - start < ENOUGH_NANOS);
    }

    /** The median of each operation over measurements of the same operations, in the order of the first measurement. */
    public static List<OperationTime> medians(List<List<OperationTime>> measurements) {
        Map<String, List<Double>> byName = new LinkedHashMap<>();
        measurements.forEach(each -> each
                .forEach(time -> byName.computeIfAbsent(time.name, first -> new ArrayList<>()).add(time.seconds)));
        return byName.entrySet().stream()
                .map(entry -> new OperationTime(entry.getKey(), Spread.of(entry.getValue()).median())).toList();
    }
}
