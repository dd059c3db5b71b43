package org.charlstm.device.host;

import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.CorpusRows;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;
import org.charlstm.device.UpdateRule;

/** The operations that all devices in host memory share. */
public abstract class HostOperations implements Operations {
    protected abstract void writeRow(Matrix matrix, int row, float[] values);

    @Override
    public final void gather(CorpusBuffer buffer, Ints orderAt, Ints cursorAt, Ints inputsAt, Ints targetsAt,
            int batch, Padding padding) {
        int[] order = HostInts.of(orderAt);
        int[] inputs = HostInts.of(inputsAt);
        int[] targets = HostInts.of(targetsAt);
        Shapes.gather(buffer, order.length, inputs.length, targets.length, batch);
        int cursor = cursor(cursorAt, order, batch);
        CorpusRows corpus = (CorpusRows) buffer;
        int[] row = new int[corpus.steps() + 1];
        int end = corpus.end();
        int steps = inputs.length / batch;
        int first = (inputs.length - targets.length) / batch;
        for (int b = 0; b < batch; b++) {
            corpus.row(order[cursor + b], row, 0);
            for (int t = 0; t < steps; t++) {
                inputs[t * batch + b] = row[t];
            }
            for (int t = first; t < steps; t++) {
                targets[(t - first) * batch + b] = row[t] == end ? padding.target(row[t + 1]) : row[t + 1];
            }
        }
    }

    @Override
    public final void gatherFeatures(CorpusBuffer buffer, Ints orderAt, Ints cursorAt, Matrix features) {
        int[] order = HostInts.of(orderAt);
        Shapes.gatherFeatures(buffer, order.length, features.rows(), features.columns());
        int cursor = cursor(cursorAt, order, features.rows());
        float[] row = new float[features.columns()];
        for (int b = 0; b < features.rows(); b++) {
            ((CorpusRows) buffer).features(order[cursor + b], row);
            writeRow(features, b, row);
        }
    }

    private static int cursor(Ints cursorAt, int[] order, int batch) {
        int cursor = HostInts.of(cursorAt)[0];
        Shapes.require(cursor >= 0 && cursor + batch <= order.length, "a batch of %d at %d in an order of %d", batch,
                cursor, order.length);
        return cursor;
    }

    @Override
    public final void add(Ints values, int amount) {
        int[] to = HostInts.of(values);
        for (int i = 0; i < to.length; i++) {
            to[i] += amount;
        }
    }

    @Override
    public final void pick(Doubles values, Ints position, Doubles picked) {
        double[] from = HostDoubles.of(values);
        int at = HostInts.of(position)[0];
        Shapes.require(at >= 0 && at < from.length && picked.length() == 1, "%d of %d values into %d", at, from.length,
                picked.length());
        HostDoubles.of(picked)[0] = from[at];
    }

    @Override
    public final void append(Ints values, Ints position, Ints history) {
        int[] from = HostInts.of(values);
        int at = HostInts.of(position)[0];
        int length = history.length() / from.length;
        Shapes.require(history.length() == length * from.length && at >= 0 && at < length,
                "%d values at %d in a history of %d", from.length, at, history.length());
        System.arraycopy(from, 0, HostInts.of(history), at * from.length, from.length);
    }

    /** The index of an update's first factor; an update beyond the last one with factors uses the last factors. */
    protected static int firstFactor(UpdateRule rule, Doubles factors, Ints step) {
        int updates = Shapes.updates(rule, factors);
        return Math.min(HostInts.of(step)[0], updates - 1) * (factors.length() / updates);
    }

    /** Adds a norm, which may be NaN or infinite, to the four figures of {@link Operations#clip}. */
    public static void addNorm(double[] norms, double norm) {
        norms[0] = norm;
        norms[2]++;
        if (Double.isFinite(norm)) {
            norms[1] = Math.max(norms[1], norm);
        } else if (norms[3] == 0) {
            norms[3] = norms[2];
        }
    }
}
