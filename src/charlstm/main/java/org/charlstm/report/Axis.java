package org.charlstm.report;

import module java.base;

/** A range of values with ticks; a logarithmic axis has only values above 0. */
record Axis(double min, double max, List<Tick> ticks, boolean logarithmic) {
    enum Scale {
        /** The axis starts just below the least value. */
        AROUND,
        FROM_ZERO,
        /** The axis starts at 0, or is logarithmic if the greatest value is many times the least. */
        WIDE
    }

    /** Above this ratio of greatest to least, small values would overlap on a linear axis. */
    private static final double WIDE_RATIO = 20;

    record Tick(double at, String label) {
    }

    /** An axis for some values, with about {@code wanted} ticks. */
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

    /** An axis that begins and ends at ticks around some values, with about {@code wanted} ticks. */
    static Axis around(double least, double greatest, int wanted) {
        double margin = greatest > least ? 0 : Math.max(Math.abs(greatest) * 0.1, Double.MIN_NORMAL);
        double low = least - (least == 0 ? 0 : margin);
        double high = greatest + margin;
        double step = step((high - low) / wanted);
        double min = Math.floor(low / step) * step;
        double max = Math.ceil(high / step) * step;
        return new Axis(min, max, ticks(min, max, step), false);
    }

    /** An axis of whole numbers with ticks at round numbers. */
    static Axis counting(int first, int last, int wanted) {
        if (first == last) {
            return new Axis(first - 0.5, last + 0.5, List.of(new Tick(first, Integer.toString(first))), false);
        }
        double step = Math.max(1, step((double) (last - first) / wanted));
        return new Axis(first, last, ticks(Math.ceil(first / step) * step, last, step), false);
    }

    /** An axis of names, at the positions 0, 1, 2 and so on. */
    static Axis named(List<String> names) {
        return new Axis(-0.3, names.size() - 0.7, IntStream.range(0, names.size())
                .mapToObj(i -> new Tick(i, names.get(i))).toList(), false);
    }

    /** The same range of a linear axis in another unit, with ticks at that unit's round numbers. */
    Axis scaled(double factor, int wanted) {
        double step = step((max - min) * factor / wanted);
        return new Axis(min * factor, max * factor,
                ticks(Math.ceil(min * factor / step - 1e-9) * step, max * factor, step), false);
    }

    /** The least round step that is not below a value. */
    private static double step(double atLeast) {
        double power = Math.pow(10, Math.floor(Math.log10(atLeast)));
        return power * DoubleStream.of(1, 2, 5).filter(nice -> nice * power >= atLeast * (1 - 1e-9)).findFirst()
                .orElse(10);
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

    /** The label of a tick, with the decimals that the step needs; k stands for thousands, M for millions. */
    private static String label(double value, double step, double greatest) {
        double unit = greatest >= 1e6 ? 1e6 : greatest >= 1e4 ? 1e3 : 1;
        int decimals = (int) Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9));
        String number = String.format(Locale.ROOT, "%." + Math.min(decimals, 12) + "f", value / unit + 0.0);
        return number.matches("-?0(\\.0*)?") ? "0" : number + (unit == 1e6 ? "M" : unit == 1e3 ? "k" : "");
    }

    double position(double value) {
        return logarithmic ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
    }
}
