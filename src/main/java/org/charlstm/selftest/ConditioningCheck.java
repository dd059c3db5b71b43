package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.Ints;
import org.charlstm.device.Lstm;
import org.charlstm.device.Matrix;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Features;
import org.charlstm.text.Vocabulary;

/** What captions are about, taken from the corpus, and columns that become states and come back from them. */
final class ConditioningCheck {
    /** Whole numbers, which every device's storage holds, so that copies are compared as they are. */
    private static double[] whole(int seed, int count) {
        return Arrays.stream(random(seed, count, 60)).map(Math::rint).toArray();
    }

    private record Sizes(int rows, int features, int batch) {
    }

    private record State(int layers, int units, int batch, int first, int after) {
    }

    private ConditioningCheck() {
    }

    static List<Check> of() {
        return List.of(
                new Check("features", 0, Stream.of(new Sizes(1, 1, 1), new Sizes(9, 37, 4), new Sizes(40, 3, 17),
                        new Sizes(5, 513, 2))
                        .map(sizes -> new Check.Case(String.format(Locale.ROOT, "%d of %d rows of %d", sizes.batch,
                                sizes.rows, sizes.features),
                                (scope, oracle, comparison) -> gather(scope, sizes, comparison)))
                        .toList()),
                new Check("states", 0, Stream.of(new State(1, 1, 1, 0, 0), new State(1, 128, 5, 0, 0),
                        new State(3, 37, 9, 10, 7), new State(2, 19, 33, 1, 0))
                        .map(state -> new Check.Case(String.format(Locale.ROOT, "L %d, H %d, B %d from column %d",
                                state.layers, state.units, state.batch, state.first),
                                (scope, oracle, comparison) -> move(scope, state, comparison)))
                        .toList()));
    }

    /** Held to the definition alone, as a batch of ids is. */
    private static void gather(TrialMemory scope, Sizes sizes, Comparison comparison) {
        Captions captions = Captions.of(IntStream.range(0, sizes.rows).mapToObj(i -> "a").toList());
        float[][] values = new float[sizes.rows][sizes.features];
        for (int row = 0; row < sizes.rows; row++) {
            double[] ofRow = whole(row, sizes.features);
            for (int j = 0; j < sizes.features; j++) {
                values[row][j] = (float) ofRow[j];
            }
        }
        CorpusBuffer corpus = scope.memory().corpus(
                Corpus.encode(captions, Vocabulary.of(captions)).with(new Features("the features", values)));
        int[] order = randomIds(2, sizes.rows, sizes.rows);
        Ints cursor = scope.ints(sizes.rows - sizes.batch);
        Matrix taken = scope.matrix(sizes.batch, sizes.features);
        scope.operations().gatherFeatures(corpus, scope.ints(order), cursor, taken);
        double[] wanted = new double[sizes.batch * sizes.features];
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] = values[order[sizes.rows - sizes.batch + i / sizes.features]][i % sizes.features];
        }
        comparison.same("features", wanted, taken.read());
    }

    private static void move(TrialMemory scope, State shape, Comparison comparison) {
        int H = shape.units;
        int B = shape.batch;
        int rows = shape.layers * B;
        int width = shape.first + 2 * shape.layers * H + shape.after;
        double[] columns = whole(1, B * width);
        double[] wantedHidden = new double[rows * H];
        double[] wantedCell = new double[rows * H];
        double[] hidden = whole(2, rows * H);
        double[] cell = whole(3, rows * H);
        double[] wantedColumns = columns.clone();
        for (int l = 0; l < shape.layers; l++) {
            for (int b = 0; b < B; b++) {
                for (int u = 0; u < H; u++) {
                    int inState = (l * B + b) * H + u;
                    int inColumns = b * width + shape.first + 2 * l * H + u;
                    wantedHidden[inState] = columns[inColumns];
                    wantedCell[inState] = columns[inColumns + H];
                    wantedColumns[inColumns] = hidden[inState];
                    wantedColumns[inColumns + H] = cell[inState];
                }
            }
        }
        Matrix all = scope.matrix(B, width, columns);
        Lstm.State state = new Lstm.State(scope.matrix(rows, H, whole(4, rows * H)),
                scope.matrix(rows, H, whole(5, rows * H)));
        scope.operations().toState(all, shape.first, state);
        comparison.same("hidden", wantedHidden, state.hidden().read());
        comparison.same("cell", wantedCell, state.cell().read());
        comparison.same("columns that were read", columns, all.read());
        scope.operations().fromState(new Lstm.State(scope.matrix(rows, H, hidden), scope.matrix(rows, H, cell)), all,
                shape.first);
        comparison.same("columns", wantedColumns, all.read());
    }
}
