package org.charlstm.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A range of values and the ticks along it.
 *
 * @param min   where it begins
 * @param max   where it ends, above that
 * @param ticks from the least to the greatest
 */
record Axis(double min, double max, List<Tick> ticks) {
    private static final double[] NICE = {1, 2, 5, 10};

    /**
     * A tick.
     *
     * @param at    its value
     * @param label what it says
     */
    record Tick(double at, String label) {
    }

    /** An axis from tick to tick around some values, with about as many ticks as wanted. */
    static Axis around(double least, double greatest, int wanted) {
        double margin = greatest > least ? 0 : Math.max(Math.abs(greatest) * 0.1, Double.MIN_NORMAL);
        double low = least - (least == 0 ? 0 : margin);
        double high = greatest + margin;
        double step = step((high - low) / wanted, false);
        double min = Math.floor(low / step) * step;
        return new Axis(min, Math.ceil(high / step) * step, ticks(min, Math.ceil(high / step) * step, step));
    }

    /** An axis of whole numbers with ticks at round ones. */
    static Axis counting(int first, int last, int wanted) {
        if (first == last) {
            return new Axis(first - 0.5, last + 0.5, List.of(new Tick(first, Integer.toString(first))));
        }
        double step = step((double) (last - first) / wanted, true);
        return new Axis(first, last, ticks(Math.ceil(first / step) * step, last, step));
    }

    /** An axis of named places, at 0, 1, 2 and so on. */
    static Axis named(List<String> names) {
        return new Axis(-0.3, names.size() - 0.7, IntStream.range(0, names.size())
                .mapToObj(i -> new Tick(i, names.get(i))).toList());
    }

    /** The same places in other units: ticks at round numbers of those. */
    Axis scaled(double factor, int wanted) {
        double step = step((max - min) * factor / wanted, false);
        return new Axis(min * factor, max * factor,
                ticks(Math.ceil(min * factor / step - 1e-9) * step, max * factor, step));
    }

    /** The least round step that is large enough. */
    private static double step(double atLeast, boolean whole) {
        double power = Math.pow(10, Math.floor(Math.log10(atLeast)));
        for (double nice : NICE) {
            if (nice * power >= atLeast * (1 - 1e-9)) {
                return whole ? Math.max(1, nice * power) : nice * power;
            }
        }
        return NICE[NICE.length - 1] * power;
    }

    private static List<Tick> ticks(double first, double last, double step) {
        List<Tick> ticks = new ArrayList<>();
        int count = (int) Math.floor((last - first) / step + 1e-9);
        for (int i = 0; i <= count; i++) {
            double at = first + i * step;
            ticks.add(new Tick(at, label(at, step, Math.max(Math.abs(first), Math.abs(last)))));
        }
        return ticks;
    }

    /** As many decimals as the step needs, thousands and millions by letter. */
    private static String label(double value, double step, double greatest) {
        double unit = greatest >= 1e6 ? 1e6 : greatest >= 1e4 ? 1e3 : 1;
        int decimals = (int) Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9));
        String number = String.format(Locale.ROOT, "%." + Math.min(decimals, 12) + "f", value / unit + 0.0);
        return number.matches("-?0(\\.0*)?") ? "0" : number + (unit == 1e6 ? "M" : unit == 1e3 ? "k" : "");
    }

    /** How far along the axis a value is, from 0 to 1. */
    double place(double value) {
        return (value - min) / (max - min);
    }
}
