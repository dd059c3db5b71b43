package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.randomIds;

import module java.base;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Padding;

/** Checks batches and features from a corpus against their definition, because host devices share the oracle's code. */
final class GatherCheck {
    private static final int LONGEST_CAPTION = 6;

    private record Windows(int rows, int steps, int batch) {
    }

    private record Table(int rows, int features, int batch) {
    }

    static List<Check.Case> gather() {
        List<Check.Case> windows = Check.Case.byDefinition(List.of(new Windows(2, 1, 1), new Windows(6, 3, 1),
                new Windows(37, 9, 5), new Windows(129, 3, 37), new Windows(64, 16, 32)),
                shape -> shape.rows + " rows, T " + shape.steps + ", B " + shape.batch, GatherCheck::windows);
        Stream<Check.Case> captions = Stream.of(Padding.values())
                .flatMap(padding -> Stream.of(1, 3, LONGEST_CAPTION + 1).map(steps -> new Check.Case(
                        "padding " + padding.name().toLowerCase(Locale.ROOT).replace('_', ' ') + ", T " + steps,
                        (device, oracle, comparison) -> captions(device, padding, steps, comparison))));
        return Stream.concat(windows.stream(), captions).toList();
    }

    static List<Check.Case> features() {
        return Check.Case.byDefinition(List.of(new Table(1, 1, 1), new Table(9, 37, 4), new Table(40, 3, 17),
                new Table(5, 513, 2)), table -> table.batch + " of " + table.rows + " rows of " + table.features,
                GatherCheck::features);
    }

    private static void windows(Windows shape, TrialMemory device, ValueComparison comparison) {
        int T = shape.steps;
        int B = shape.batch;
        int size = shape.rows * (T + 1);
        // All ids differ: 0, 1, 2 and so on, row by row.
        int[][] ids = IntStream.range(0, shape.rows).mapToObj(row -> IntStream.rangeClosed(row * (T + 1),
                row * (T + 1) + T).toArray()).toArray(int[][]::new);
        CorpusBuffer corpus = device.memory().corpus(new TrialRows(ids, -1));
        int[] order = randomIds(2, shape.rows, shape.rows);
        Ints cursor = device.ints(0);
        Ints inputs = device.ints(new int[T * B]);
        Ints targets = device.ints(new int[T * B]);
        device.operations().add(cursor, B);
        device.operations().gather(corpus, device.ints(order), cursor, inputs, targets, B, Padding.LEFT_OUT);
        int[] wanted = new int[T * B];
        for (int i = 0; i < T * B; i++) {
            wanted[i] = order[B + i % B] * (T + 1) + i / B;
        }
        int[] next = IntStream.of(wanted).map(id -> id + 1).toArray();
        comparison.same("inputs", wanted, inputs.read());
        comparison.same("targets", next, targets.read());
        Ints last = device.ints(new int[B]);
        device.operations().gather(corpus, device.ints(order), cursor, inputs, last, B, Padding.LEFT_OUT);
        comparison.same("last targets", IntStream.of(next).skip((T - 1L) * B).toArray(), last.read());
        Ints many = device.ints(IntStream.range(0, size).toArray());
        device.operations().add(many, -B);
        comparison.same("ids less B", IntStream.range(-B, size - B).toArray(), many.read());
    }

    /** Checks distinct captions of 1 to 6 equal symbols; a row is the start symbol, the caption, and end symbols. */
    private static void captions(TrialMemory device, Padding padding, int steps, ValueComparison comparison) {
        int[] order = {2, 3, 1, 4, 0, 5};
        int batch = order.length - 1;
        int start = LONGEST_CAPTION;
        int end = LONGEST_CAPTION + 1;
        int[][] rows = IntStream.rangeClosed(1, LONGEST_CAPTION).mapToObj(length -> IntStream
                .rangeClosed(0, LONGEST_CAPTION + 1).map(t -> t == 0 ? start : t <= length ? length - 1 : end)
                .toArray())
                .toArray(int[][]::new);
        Ints inputs = device.ints(new int[steps * batch]);
        Ints targets = device.ints(new int[steps * batch]);
        device.operations().gather(device.memory().corpus(new TrialRows(rows, end)),
                device.ints(order), device.ints(1), inputs, targets, batch, padding);
        int[] ids = new int[steps * batch];
        int[] next = new int[steps * batch];
        for (int i = 0; i < ids.length; i++) {
            int length = order[1 + i % batch] + 1;
            int t = i / batch;
            ids[i] = t == 0 ? start : t <= length ? length - 1 : end;
            next[i] = t < length ? length - 1 : t == length ? end : padding == Padding.LEFT_OUT ? -1 : -2 - end;
        }
        comparison.same("inputs", ids, inputs.read());
        comparison.same("targets", next, targets.read());
    }

    private static void features(Table table, TrialMemory device, ValueComparison comparison) {
        float[][] values = new float[table.rows][table.features];
        for (int row = 0; row < table.rows; row++) {
            double[] ofRow = CopyCheck.whole(row, table.features);
            for (int j = 0; j < table.features; j++) {
                values[row][j] = (float) ofRow[j];
            }
        }
        CorpusBuffer corpus = device.memory().corpus(new TrialRows(new int[table.rows][3], 2, values));
        int[] order = randomIds(2, table.rows, table.rows);
        Matrix taken = device.matrix(table.batch, table.features);
        device.operations().gatherFeatures(corpus, device.ints(order), device.ints(table.rows - table.batch), taken);
        double[] wanted = new double[table.batch * table.features];
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] = values[order[table.rows - table.batch + i / table.features]][i % table.features];
        }
        comparison.same("features", wanted, taken.read());
    }
}
