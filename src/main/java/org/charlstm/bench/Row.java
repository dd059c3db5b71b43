package org.charlstm.bench;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.train.OperationTime;
import org.charlstm.train.Spread;
import org.jspecify.annotations.Nullable;

/**
 * What an experiment found of one configuration. Without figures they are null, and lists are empty.
 *
 * @param parameters            of the model; null for sizes that make none
 * @param message               why there are no figures, or not all
 * @param seconds               an epoch, over all epochs that count
 * @param epochSeconds          the same one by one, a list for each repeat
 * @param warmUpSeconds         the epochs that do not count, a list for each repeat
 * @param charactersPerSecond   as {@link org.charlstm.train.Figures#CHARS_PER_SECOND}
 * @param flopsPerEpoch         what {@link Flops} says
 * @param flopsPerSecond        that, over the median of {@code seconds}
 * @param ceilingFlopsPerSecond the most that the device gave for anything, in any measurement of this experiment
 * @param shareOfCeiling        from 0 to 1
 * @param peakHostBytes         the most that a process used, by its median over repeats
 * @param peakDeviceBytes       the most that was allocated on the device; 0 where the memory is the host's
 * @param loss                  of the last epoch, in nats a time step
 * @param operations            of a training step told call by call, medians over repeats
 * @param choices               what the device has measured and chosen, in the last repeat
 */
public record Row(Configuration configuration, @Nullable Long parameters, Status status, @Nullable String message,
        @Nullable Spread seconds, List<List<Double>> epochSeconds, List<List<Double>> warmUpSeconds,
        @Nullable Spread charactersPerSecond, @Nullable Double flopsPerEpoch, @Nullable Double flopsPerSecond,
        @Nullable Double ceilingFlopsPerSecond, @Nullable Double shareOfCeiling, @Nullable Long peakHostBytes,
        @Nullable Long peakDeviceBytes, @Nullable Double loss, List<OperationTime> operations, List<String> choices) {
    /** Refuses one of a file that lacks what it must have, or has figures that are none. */
    static void require(@Nullable Row row) {
        Row present = Sound.present("a row", row);
        Configuration.require(present.configuration);
        boolean measured = Sound.present("a row's status", present.status) == Status.MEASURED;
        if (measured || present.seconds != null) {
            Sound.spread("seconds", Sound.present("seconds", present.seconds));
        }
    }

    /** Refuses one that cannot be written again as it was read. */
    void requireWhole() {
        if (charactersPerSecond != null) {
            Sound.spread("characters_per_second", charactersPerSecond);
        }
        Sound.whole("epoch_seconds", epochSeconds).forEach(each -> seconds("epoch_seconds", each));
        Sound.whole("warm_up_seconds", warmUpSeconds).forEach(each -> seconds("warm_up_seconds", each));
        Stream.of(flopsPerEpoch, flopsPerSecond, ceilingFlopsPerSecond, shareOfCeiling, loss).filter(Objects::nonNull)
                .forEach(each -> Sound.finite("a figure", each));
        Sound.operations(operations);
        Sound.whole("choices", choices);
    }

    private static void seconds(String name, List<Double> repeat) {
        Sound.whole(name, repeat).forEach(each -> Sound.positive(name, each));
    }
}
