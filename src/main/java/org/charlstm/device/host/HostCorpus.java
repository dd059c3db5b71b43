package org.charlstm.device.host;

import java.util.function.ObjIntConsumer;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.CorpusRows;
import org.charlstm.device.Padding;

/** Gathering from a corpus in host memory, and the operations on integers, alike on every host device. */
public final class HostCorpus {
    private HostCorpus() {
    }

    /**
     * Takes a batch from the corpus; see {@link org.charlstm.device.Operations#gather}.
     *
     * @param buffer  N rows of S + 1 ids
     * @param order   N row numbers
     * @param cursor  where in the order the batch begins
     * @param inputs  receives T x B ids
     * @param targets receives the targets of as many steps, or of the last of them
     */
    public static void gather(CorpusBuffer buffer, int[] order, int cursor, int[] inputs, int[] targets, int batch,
            Padding padding) {
        Shapes.gather(buffer, order.length, inputs.length, targets.length, batch);
        Shapes.require(cursor >= 0 && cursor + batch <= order.length, "a batch of %d at %d in an order of %d", batch,
                cursor, order.length);
        CorpusRows corpus = (CorpusRows) buffer;
        int[] row = new int[corpus.steps() + 1];
        int end = corpus.end();
        int first = (inputs.length - targets.length) / batch;
        for (int b = 0; b < batch; b++) {
            corpus.row(order[cursor + b], row, 0);
            for (int t = 0; t < inputs.length / batch; t++) {
                inputs[t * batch + b] = row[t];
            }
            for (int t = first; t < inputs.length / batch; t++) {
                targets[(t - first) * batch + b] = row[t] == end ? padding.target(row[t + 1]) : row[t + 1];
            }
        }
    }

    /**
     * Takes features from the corpus; see {@link org.charlstm.device.Operations#gatherFeatures}.
     *
     * @param buffer  N rows with F features each
     * @param order   N row numbers
     * @param cursor  where in the order the batch begins
     * @param into    receives the features of a row, which are valid until it returns, and its number in the batch
     */
    public static void gatherFeatures(CorpusBuffer buffer, int[] order, int cursor, int batch, int columns,
            ObjIntConsumer<float[]> into) {
        Shapes.gatherFeatures(buffer, order.length, batch, columns);
        Shapes.require(cursor >= 0 && cursor + batch <= order.length, "a batch of %d at %d in an order of %d", batch,
                cursor, order.length);
        float[] row = new float[columns];
        for (int b = 0; b < batch; b++) {
            ((CorpusRows) buffer).features(order[cursor + b], row);
            into.accept(row, b);
        }
    }

    /**
     * Takes one of many values.
     *
     * @param position from 0
     */
    public static void pick(double[] values, int position, double[] picked) {
        Shapes.require(position >= 0 && position < values.length && picked.length == 1, "%d of %d values into %d",
                position, values.length, picked.length);
        picked[0] = values[position];
    }

    /** Adds a constant to every element. */
    public static void add(int[] values, int amount) {
        for (int i = 0; i < values.length; i++) {
            values[i] += amount;
        }
    }

    /**
     * Keeps values at a position; see {@link org.charlstm.device.Operations#append}.
     *
     * @param position from 0
     */
    public static void append(int[] values, int position, int[] history) {
        int length = history.length / values.length;
        Shapes.require(history.length == length * values.length && position >= 0 && position < length,
                "%d values at %d in a history of %d", values.length, position, history.length);
        System.arraycopy(values, 0, history, position * values.length, values.length);
    }
}
