package org.charlstm.train;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/** Values by name, in an order, without an object each: a run of 20,000 epochs keeps the figures of all. */
final class NamedValues extends AbstractMap<String, Double> {
    /** Those of all epochs of a run have the same names. */
    private static final Map<List<String>, List<String>> NAMES = new ConcurrentHashMap<>();

    private final List<String> names;
    private final double[] values;

    NamedValues(Map<String, Double> of) {
        names = NAMES.computeIfAbsent(List.copyOf(of.keySet()), same -> same);
        values = of.values().stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Override
    public Set<Map.Entry<String, Double>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Map.Entry<String, Double>> iterator() {
                return IntStream.range(0, values.length).mapToObj(i -> Map.entry(names.get(i), values[i])).iterator();
            }

            @Override
            public int size() {
                return values.length;
            }
        };
    }
}
