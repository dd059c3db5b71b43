package org.charlstm.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A range of values and the ticks along it.
 *
 * @param min         where it begins
 * @param max         where it ends, above that
 * @param ticks       from the least to the greatest
 * @param logarithmic whether equal ratios of values, all above 0, are equally far apart
 */
record Axis(double min, double max, List<Tick> ticks, boolean logarithmic) {
    /** How values are laid out. */
    enum Scale {
        /** From a little below the least. */
        AROUND,
        /** From 0. */
        FROM_ZERO,
        /** From 0; by ratios where the greatest is many times the least. */
        WIDE
    }

    /** Over more than this, the small ones could not be told apart. */
    private static final double WIDE_RATIO = 20;

    private static final double[] NICE = {1, 2, 5, 10};

    /** A tick. */
    record Tick(double at, String label) {
    }

    /** An axis for some values, with about as many ticks as wanted. */
    static Axis of(Scale scale, double least, double greatest, int wanted) {
        if (scale == Scale.WIDE && least > 0 && greatest / least > WIDE_RATIO) {
            return logarithmic(least, greatest);
        }
        return around(scale == Scale.AROUND ? least : Math.min(0, least), greatest, wanted);
    }

    private static Axis logarithmic(double least, double greatest) {
        int first = (int) Math.floor(Math.log10(least) + 1e-9);
        int last = (int) Math.ceil(Math.log10(greatest) - 1e-9);
        List<Tick> ticks = IntStream.rangeClosed(first, last).mapToObj(power -> Math.pow(10, power))
                .map(at -> new Tick(at, label(at, at, at))).toList();
        return new Axis(Math.pow(10, first), Math.pow(10, last), ticks, true);
    }

    /** An axis from tick to tick around some values, with about as many ticks as wanted. */
    static Axis around(double least, double greatest, int wanted) {
        double margin = greatest > least ? 0 : Math.max(Math.abs(greatest) * 0.1, Double.MIN_NORMAL);
        double low = least - (least == 0 ? 0 : margin);
        double high = greatest + margin;
        double step = step((high - low) / wanted, false);
        double min = Math.floor(low / step) * step;
        return new Axis(min, Math.ceil(high / step) * step, ticks(min, Math.ceil(high / step) * step, step), false);
    }

    /** An axis of whole numbers with ticks at round ones. */
    static Axis counting(int first, int last, int wanted) {
        if (first == last) {
            return new Axis(first - 0.5, last + 0.5, List.of(new Tick(first, Integer.toString(first))), false);
        }
        double step = step((double) (last - first) / wanted, true);
        return new Axis(first, last, ticks(Math.ceil(first / step) * step, last, step), false);
    }

    /** An axis of named places, at 0, 1, 2 and so on. */
    static Axis named(List<String> names) {
        return new Axis(-0.3, names.size() - 0.7, IntStream.range(0, names.size())
                .mapToObj(i -> new Tick(i, names.get(i))).toList(), false);
    }

    /** The same places, which are not by ratios, in other units: ticks at round numbers of those. */
    Axis scaled(double factor, int wanted) {
        double step = step((max - min) * factor / wanted, false);
        return new Axis(min * factor, max * factor,
                ticks(Math.ceil(min * factor / step - 1e-9) * step, max * factor, step), false);
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
        return logarithmic ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
    }
}
