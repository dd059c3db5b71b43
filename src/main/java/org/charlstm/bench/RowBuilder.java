package org.charlstm.bench;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.nn.ModelConfig;
import org.charlstm.train.OperationTime;
import org.charlstm.train.PaddingMode;
import org.charlstm.train.Spread;
import org.jspecify.annotations.Nullable;

/** Makes rows of what was measured. */
final class RowBuilder {
    private final Journal.Header header;
    private final List<Journal.Entry> entries;

    RowBuilder(Journal.Header header, List<Journal.Entry> entries) {
        this.header = header;
        this.entries = entries;
    }

    /** A row a configuration. */
    List<Row> rows() {
        return IntStream.range(0, header.configurations().size()).mapToObj(this::row).toList();
    }

    private Row row(int index) {
        Configuration configuration = header.configurations().get(index);
        // One that failed may have been made again: the last counts.
        Map<Integer, Measurement> byRepeat = new TreeMap<>();
        entries.stream().filter(entry -> entry.configuration() == index)
                .forEach(entry -> byRepeat.put(entry.repeat(), entry.measurement()));
        Collection<Measurement> all = byRepeat.values();
        List<Measurement> measured = all.stream().filter(each -> each.status() == Status.MEASURED).toList();
        Measurement without = all.stream().filter(each -> each.status() != Status.MEASURED).findFirst().orElse(null);
        ModelConfig config = config(configuration);
        Status status = without != null ? without.status()
                : measured.size() < header.protocol().repeats() ? Status.UNFINISHED : Status.MEASURED;
        String message = without == null ? null : without.message();
        Long parameters = config == null ? null : config.parameters();
        // Sizes that make no model have no measurement either.
        if (measured.isEmpty() || config == null) {
            return new Row(configuration, parameters, status, message, null, List.of(), List.of(), null, null, null,
                    null, null, null, null, null, List.of(), List.of());
        }
        TextSummary text = header.text();
        Spread seconds = Spread.of(measured.stream().flatMap(each -> each.seconds().stream()).toList());
        double flops = Flops.epoch(config, text.captions(), text.steps());
        // Fewer are computed where padding is not, and how many is not known here.
        Double ceiling = configuration.padding().equals(PaddingMode.BUCKET.title()) ? null
                : ceiling(configuration.deviceSetup());
        return new Row(configuration, parameters, status, message, seconds,
                measured.stream().map(Measurement::seconds).toList(),
                measured.stream().map(Measurement::warmUpSeconds).toList(),
                seconds.dividing(text.charactersOfEpoch(configuration)), flops, flops / seconds.median(), ceiling,
                ceiling == null ? null : flops / seconds.median() / ceiling,
                median(measured, Measurement::hostBytes), median(measured, Measurement::deviceBytes),
                measured.getLast().loss(),
                OperationTime.medians(measured.stream().map(Measurement::operations).toList()),
                measured.getLast().choices());
    }

    private @Nullable ModelConfig config(Configuration sizes) {
        try {
            return sizes.setup().model(header.text().symbols());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The most that any measurement of a device found: whatever disturbs one can only make it less. */
    private @Nullable Double ceiling(DeviceSetup setup) {
        return entries.stream().filter(entry -> header.configurations().get(entry.configuration()).deviceSetup()
                .equals(setup)).map(entry -> entry.measurement().ceiling()).filter(Objects::nonNull)
                .max(Double::compare).orElse(null);
    }

    private static long median(List<Measurement> measured, Function<Measurement, Long> figure) {
        return (long) Spread.of(measured.stream().map(each -> (double) figure.apply(each)).toList()).median();
    }
}
