package org.charlstm.device.gpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaException;

/** Times ways to do the same, which take turns, so that what else the machine does befalls all. */
public final class Race {
    /** Less of a gain is noise, which must not decide: each way rounds in its own. */
    public static final double CLEARLY_FASTER = 0.9;
    /** The same between ways that differ by a few launches, for which that is a lot. */
    public static final double FASTER = 0.97;
    /** Work before anything is timed, for a card that idled to come up to speed. */
    private static final double WARM_UP_SECONDS = 0.05;
    /** Of so many runs of each the median counts. */
    private static final int RUNS = 7;
    /** Fewer where they are slow. */
    private static final double MOST_SECONDS = 0.5;

    private final CudaContext context;
    private final LongSupplier clock;

    /** By a clock of nanoseconds. */
    public Race(CudaContext context, LongSupplier clock) {
        this.context = context;
        this.clock = clock;
    }

    /**
     * What each takes, in seconds, in their order.
     *
     * @param failed is told of one that fails, and is then left out; may throw
     */
    public <T> Map<T, Double> medians(List<T> all, Consumer<T> start, BiConsumer<T, CudaException> failed) {
        Map<T, List<Double>> seconds = new LinkedHashMap<>();
        all.forEach(each -> seconds.put(each, new ArrayList<>()));
        double begin = now();
        do {
            run(seconds, start, failed);
        } while (!seconds.isEmpty() && now() - begin < WARM_UP_SECONDS);
        seconds.values().forEach(List::clear);
        for (int run = 0; run < RUNS && (run == 0 || now() - begin < MOST_SECONDS); run++) {
            run(seconds, start, failed);
        }
        Map<T, Double> medians = new LinkedHashMap<>();
        seconds.forEach((each, runs) -> medians.put(each, runs.stream().sorted().toList().get(runs.size() / 2)));
        return medians;
    }

    private double now() {
        return 1e-9 * clock.getAsLong();
    }

    private <T> void run(Map<T, List<Double>> seconds, Consumer<T> start, BiConsumer<T, CudaException> failed) {
        for (Map.Entry<T, List<Double>> each : List.copyOf(seconds.entrySet())) {
            try {
                double begin = now();
                start.accept(each.getKey());
                context.synchronize();
                each.getValue().add(now() - begin);
            } catch (CudaException e) {
                failed.accept(each.getKey(), e);
                seconds.remove(each.getKey());
            }
        }
    }
}
