package org.charlstm.bench;

import module java.base;
import org.charlstm.base.Spread;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.nn.ModelConfig;
import org.charlstm.train.OperationTime;
import org.charlstm.train.PaddingMode;
import org.jspecify.annotations.Nullable;

/** The results of one configuration; members without figures are null or empty. docs/bench.md describes each member. */
public record ResultRow(Configuration configuration, @Nullable Long parameters, Status status, @Nullable String message,
        @Nullable Spread seconds, List<List<Double>> epochSeconds, List<List<Double>> warmUpSeconds,
        @Nullable Spread charactersPerSecond, @Nullable Double flopsPerEpoch, @Nullable Double flopsPerSecond,
        @Nullable Double ceilingFlopsPerSecond, @Nullable Double shareOfCeiling, @Nullable Long peakHostBytes,
        @Nullable Long peakDeviceBytes, @Nullable Double loss, @Nullable Integer waveBatch,
        List<OperationTime> operations, List<String> choices) {
    static List<ResultRow> of(Journal.Header header, List<Journal.Entry> entries) {
        return IntStream.range(0, header.configurations().size()).mapToObj(i -> of(header, entries, i)).toList();
    }

    /** Refuses a file's row that is incomplete or has invalid figures. */
    static void require(@Nullable ResultRow row) {
        ResultRow present = FileChecks.present("a row", row);
        Configuration.require(present.configuration);
        boolean measured = FileChecks.present("a row's status", present.status) == Status.MEASURED;
        if (measured || present.seconds != null) {
            FileChecks.spread("seconds", FileChecks.present("seconds", present.seconds));
        }
    }

    /** Refuses a file's row that could not be written again. */
    void requireWhole() {
        if (charactersPerSecond != null) {
            FileChecks.spread("characters_per_second", charactersPerSecond);
        }
        FileChecks.whole("epoch_seconds", epochSeconds).forEach(each -> seconds("epoch_seconds", each));
        FileChecks.whole("warm_up_seconds", warmUpSeconds).forEach(each -> seconds("warm_up_seconds", each));
        Stream.of(flopsPerEpoch, flopsPerSecond, ceilingFlopsPerSecond, shareOfCeiling, loss).filter(Objects::nonNull)
                .forEach(each -> FileChecks.finite("a figure", each));
        FileChecks.operations(operations);
        FileChecks.whole("choices", choices);
    }

    private static void seconds(String name, List<Double> repeat) {
        FileChecks.whole(name, repeat).forEach(each -> FileChecks.positive(name, each));
    }

    private static ResultRow of(Journal.Header header, List<Journal.Entry> entries, int index) {
        Configuration configuration = header.configurations().get(index);
        // A failed measurement may have been repeated; the last one counts.
        Map<Integer, Measurement> byRepeat = new TreeMap<>();
        entries.stream().filter(entry -> entry.configuration() == index)
                .forEach(entry -> byRepeat.put(entry.repeat(), entry.measurement()));
        Collection<Measurement> all = byRepeat.values();
        List<Measurement> measured = all.stream().filter(each -> each.status() == Status.MEASURED).toList();
        Measurement without = all.stream().filter(each -> each.status() != Status.MEASURED).findFirst().orElse(null);
        ModelConfig config = config(configuration, header.text());
        Status status = without != null ? without.status()
                : measured.size() < header.protocol().repeats() ? Status.UNFINISHED : Status.MEASURED;
        String message = without != null ? without.message()
                : measured.stream().map(Measurement::message).filter(Objects::nonNull).findFirst().orElse(null);
        Long parameters = config == null ? null : config.parameters();
        if (measured.isEmpty() || config == null) {
            return new ResultRow(configuration, parameters, status, message, null, List.of(), List.of(), null, null,
                    null, null, null, null, null, null, null, List.of(), List.of());
        }
        TextSource.Summary text = header.text();
        Spread seconds = Spread.of(measured.stream().flatMap(each -> each.seconds().stream()).toList());
        double flops = Flops.epoch(config, text.captions(), text.steps());
        // There is no ceiling with buckets: they compute less padding, by an amount that is unknown here.
        Double ceiling = configuration.padding().equals(PaddingMode.BUCKET.toString()) ? null
                : ceiling(header, entries, configuration.deviceSetup());
        return new ResultRow(configuration, parameters, status, message, seconds,
                measured.stream().map(Measurement::seconds).toList(),
                measured.stream().map(Measurement::warmUpSeconds).toList(),
                seconds.dividing(text.charactersOfEpoch(configuration)), flops, flops / seconds.median(), ceiling,
                ceiling == null ? null : flops / seconds.median() / ceiling,
                median(measured, Measurement::hostBytes), median(measured, Measurement::deviceBytes),
                message == null ? measured.getLast().loss() : null, measured.getLast().waveBatch(),
                OperationTime.medians(measured.stream().map(Measurement::operations).toList()),
                measured.getLast().choices());
    }

    private static @Nullable ModelConfig config(Configuration sizes, TextSource.Summary text) {
        try {
            return sizes.setup().model(text.symbols());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The highest ceiling of a device's measurements, because a disturbance can only lower a ceiling. */
    private static @Nullable Double ceiling(Journal.Header header, List<Journal.Entry> entries, DeviceSetup setup) {
        return entries.stream().filter(entry -> header.configurations().get(entry.configuration()).deviceSetup()
                .equals(setup)).map(entry -> entry.measurement().ceiling()).filter(Objects::nonNull)
                .max(Double::compare).orElse(null);
    }

    private static long median(List<Measurement> measured, Function<Measurement, Long> figure) {
        return (long) Spread.of(measured.stream().map(each -> (double) figure.apply(each)).toList()).median();
    }
}
