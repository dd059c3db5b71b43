package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import module java.base;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Rnn;

/** Checks the operations that only move values: append, pick, last rows of a matrix, columns to states and back. */
final class CopyCheck {
    private static final List<Integer> SIZES = List.of(1, 3, 37, 129);

    private record Rows(int all, int last, int columns) {
        String title() {
            return last + " of " + all + " x " + columns;
        }
    }

    private record State(int layers, int units, int batch, int first, int after) {
        String title() {
            return String.format(Locale.ROOT, "L %d, H %d, B %d from column %d", layers, units, batch, first);
        }
    }

    static List<Check.Case> append() {
        return Check.Case.byDefinition(SIZES, size -> size + " values", (size, device, comparison) -> {
            int[] wanted = randomIds(3, 4 * size, 1000);
            Ints history = device.ints(wanted.clone());
            Ints position = device.ints(1);
            for (int at = 1; at < 3; at++) {
                int[] values = randomIds(3 + at, size, 1000);
                device.operations().append(device.ints(values), position, history);
                device.operations().add(position, 1);
                System.arraycopy(values, 0, wanted, at * size, size);
            }
            comparison.same("history", wanted, history.read());
        });
    }

    static List<Check.Case> pick() {
        return Check.Case.byDefinition(SIZES, size -> size + " values", (size, device, comparison) -> {
            double[] values = random(7, size, 1e9);
            Doubles all = device.doubles(values);
            Doubles picked = device.doubles(0);
            for (int at : new int[] {0, size / 2, size - 1}) {
                device.operations().pick(all, device.ints(at), picked);
                comparison.same("picked", new double[] {values[at]}, picked.read());
            }
        });
    }

    static List<Check.Case> lastRows() {
        return Check.Case.besideOracle(List.of(new Rows(1, 1, 1), new Rows(9, 3, 37), new Rows(37, 1, 3),
                new Rows(129, 128, 129), new Rows(512, 16, 128), new Rows(5, 5, 20)), Rows::title,
                (shape, memory, results) -> {
                    results.close("rows", copied(memory, shape.all, shape.last, shape.columns));
                    results.close("with zeros before", copied(memory, shape.last, shape.all, shape.columns));
                });
    }

    private static double[] copied(TrialMemory memory, int rowsFrom, int rowsTo, int columns) {
        Matrix from = memory.matrix(rowsFrom, columns, random(1, rowsFrom * columns, 1));
        Matrix to = memory.matrix(rowsTo, columns, random(2, rowsTo * columns, 9));
        memory.operations().lastRows(from, to);
        return to.read();
    }

    static List<Check.Case> states() {
        return Check.Case.byDefinition(List.of(new State(1, 1, 1, 0, 0), new State(1, 128, 5, 0, 0),
                new State(3, 37, 9, 10, 7), new State(2, 19, 33, 1, 0)), State::title, (shape, device, comparison) -> {
                    move(shape, 1, device, comparison);
                    move(shape, 2, device, comparison);
                });
    }

    /** Moves a state of h alone, or of h and c. */
    private static void move(State shape, int parts, TrialMemory device, ValueComparison comparison) {
        int H = shape.units;
        int B = shape.batch;
        int rows = shape.layers * B;
        int width = shape.first + parts * shape.layers * H + shape.after;
        double[] columns = whole(1, B * width);
        double[][] wanted = new double[parts][rows * H];
        double[][] moved = IntStream.range(0, parts).mapToObj(part -> whole(2 + part, rows * H))
                .toArray(double[][]::new);
        double[] wantedColumns = columns.clone();
        for (int part = 0; part < parts; part++) {
            for (int row = 0; row < rows; row++) {
                for (int u = 0; u < H; u++) {
                    int column = row % B * width + shape.first + (row / B * parts + part) * H + u;
                    wanted[part][row * H + u] = columns[column];
                    wantedColumns[column] = moved[part][row * H + u];
                }
            }
        }
        Matrix all = device.matrix(B, width, columns);
        Rnn.State state = state(device, rows, H, List.of(whole(4, rows * H), whole(5, rows * H)).subList(0, parts));
        device.operations().toState(all, shape.first, state);
        for (int part = 0; part < parts; part++) {
            comparison.same(part == 0 ? "hidden" : "cell", wanted[part], state.parts().get(part).read());
        }
        comparison.same("columns that were read", columns, all.read());
        device.operations().fromState(state(device, rows, H, List.of(moved)), all, shape.first);
        comparison.same("columns", wantedColumns, all.read());
    }

    private static Rnn.State state(TrialMemory device, int rows, int units, List<double[]> parts) {
        return new Rnn.State(device.matrix(rows, units, parts.getFirst()),
                parts.size() == 1 ? null : device.matrix(rows, units, parts.getLast()));
    }

    /** Integers that every precision stores exactly, so copies can be compared to the bit. */
    static double[] whole(int seed, int count) {
        return Arrays.stream(random(seed, count, 60)).map(Math::rint).toArray();
    }
}
