package org.charlstm.device.reference;

import java.util.List;
import org.charlstm.device.BatchNorm;
import org.charlstm.device.Dense;
import org.charlstm.device.Doubles;
import org.charlstm.device.Draw;
import org.charlstm.device.Dropout;
import org.charlstm.device.Embedding;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Rnn;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.host.HostDoubles;
import org.charlstm.device.host.HostInts;
import org.charlstm.device.host.HostOperations;
import org.charlstm.device.host.Shapes;
import org.charlstm.device.spi.AlignedLayout;
import org.jspecify.annotations.Nullable;

/** The short operations. {@link HostOperations} has gather, add, pick and append; all others have their own files. */
final class ReferenceOperations extends HostOperations {
    @Override
    public WeightLayout rnnLayout(Rnn.Layers layers) {
        int[] sizes = new int[3 * layers.count()];
        for (int layer = 0; layer < layers.count(); layer++) {
            sizes[3 * layer] = layers.inputs(layer) * layers.width();
            sizes[3 * layer + 1] = layers.hidden() * layers.width();
            sizes[3 * layer + 2] = layers.cell().biasRows() * layers.width();
        }
        return AlignedLayout.inOrder(sizes);
    }

    @Override
    public Rnn rnn(Memory memory, Rnn.Shape shape, int offset) {
        return new ReferenceRnn(shape, offset);
    }

    /** c[m, n] = sum over k of op(a)[m, k] op(b)[k, n], where op is the matrix itself or its transpose. */
    @Override
    public void matmul(Matrix a, boolean transposedA, Matrix b, boolean transposedB, Matrix c) {
        Shapes.product(a, transposedA, b, transposedB, c);
        double[] x = ReferenceMatrix.of(a);
        double[] y = ReferenceMatrix.of(b);
        double[] z = ReferenceMatrix.of(c);
        int depth = transposedA ? a.rows() : a.columns();
        for (int m = 0; m < c.rows(); m++) {
            for (int n = 0; n < c.columns(); n++) {
                double sum = 0;
                for (int k = 0; k < depth; k++) {
                    sum += x[transposedA ? k * a.columns() + m : m * a.columns() + k]
                            * y[transposedB ? n * b.columns() + k : k * b.columns() + n];
                }
                z[m * c.columns() + n] = sum;
            }
        }
    }

    @Override
    public WeightLayout denseLayout(int inputs, int outputs) {
        return AlignedLayout.inOrder(inputs * outputs, outputs);
    }

    @Override
    public Dense dense(Memory memory, Dense.Shape shape, int offset) {
        return new ReferenceDense(shape, offset);
    }

    @Override
    public WeightLayout embeddingLayout(int symbols, int units) {
        return AlignedLayout.inOrder(symbols * units);
    }

    @Override
    public Embedding embedding(Memory memory, Embedding.Shape shape, int offset) {
        return new ReferenceEmbedding(shape, offset);
    }

    @Override
    public WeightLayout batchNormLayout(int columns) {
        return AlignedLayout.inOrder(columns, columns);
    }

    @Override
    public BatchNorm batchNorm(Memory memory, BatchNorm.Shape shape, int offset, int moving) {
        return new ReferenceBatchNorm(shape, offset, moving);
    }

    /**
     * y = x / (1 - rate) where a mask keeps the element, else 0. The expected value stays x, so inference scales
     * nothing (Srivastava et al., "Dropout", 2014, in the inverted form of Keras). The backward pass applies the same
     * operation to a gradient.
     */
    @Override
    public void dropout(Dropout dropout, Ints batch, Matrix input, Matrix output) {
        double[] x = ReferenceMatrix.of(input);
        double[] y = ReferenceMatrix.of(output, input.rows(), input.columns());
        for (int row = 0; row < input.rows(); row++) {
            for (int column = 0; column < input.columns(); column++) {
                int i = row * input.columns() + column;
                y[i] = dropout.keeps(HostInts.of(batch)[0], input.columns(), row, column) ? dropout.scale() * x[i] : 0;
            }
        }
    }

    @Override
    public void copyTied(TiedKernel tied, Matrix weights) {
        ReferenceEmbedding.copyTied(tied, weights);
    }

    @Override
    public void gatherTied(TiedKernel tied, Matrix gradients) {
        ReferenceEmbedding.gatherTied(tied, gradients);
    }

    @Override
    protected void writeRow(Matrix matrix, int row, float[] values) {
        for (int j = 0; j < values.length; j++) {
            ReferenceMatrix.of(matrix)[row * values.length + j] = values[j];
        }
    }

    @Override
    public void toState(Matrix columns, int first, Rnn.State state) {
        moveState(columns, first, state, false);
    }

    @Override
    public void fromState(Rnn.State state, Matrix columns, int first) {
        moveState(columns, first, state, true);
    }

    /** Copies a state (L B, H) from columns of a matrix with B rows, or back into these columns. */
    private static void moveState(Matrix columns, int first, Rnn.State state, boolean back) {
        Shapes.state(columns, first, state);
        double[] all = ReferenceMatrix.of(columns);
        int P = state.parts().size();
        int B = columns.rows();
        int H = state.hidden().columns();
        for (int p = 0; p < P; p++) {
            double[] part = ReferenceMatrix.of(state.parts().get(p));
            for (int row = 0; row < state.hidden().rows(); row++) {
                for (int u = 0; u < H; u++) {
                    int l = row / B;
                    int column = row % B * columns.columns() + first + (P * l + p) * H + u;
                    if (back) {
                        all[column] = part[row * H + u];
                    } else {
                        part[row * H + u] = all[column];
                    }
                }
            }
        }
    }

    /** Copies the last rows of a longer matrix, or in the backward pass a shorter matrix behind rows of zeros. */
    @Override
    public void lastRows(Matrix from, Matrix to) {
        double[] x = ReferenceMatrix.of(from, from.rows(), to.columns());
        double[] y = ReferenceMatrix.of(to);
        for (int i = 0; i < y.length; i++) {
            int at = i + x.length - y.length;
            y[i] = at < 0 ? 0 : x[at];
        }
    }

    @Override
    public void crossEntropy(Matrix logits, Ints targets, @Nullable Doubles count, @Nullable Matrix gradient,
            Doubles totals) {
        ReferenceCrossEntropy.run(logits, HostInts.of(targets),
                gradient == null ? 0 : HostDoubles.of(Shapes.count(count))[0], gradient, HostDoubles.of(totals));
    }

    /**
     * The norm n is the root of the sum of all g^2. If n is above the limit, g becomes g limit / n (Pascanu et al., "On
     * the difficulty of training recurrent neural networks", 2013). Then each g is clipped to -bound..bound.
     */
    @Override
    public void clip(Matrix gradients, double limit, double bound, Doubles norms) {
        double[] g = ReferenceMatrix.of(gradients);
        double sum = 0;
        for (double value : g) {
            sum += value * value;
        }
        double norm = Math.sqrt(sum);
        addNorm(HostDoubles.of(norms), norm);
        for (int i = 0; norm > limit && i < g.length; i++) {
            g[i] *= limit / norm;
        }
        for (int i = 0; bound < Double.POSITIVE_INFINITY && i < g.length; i++) {
            // NaN stays.
            g[i] = Math.min(bound, Math.max(-bound, g[i]));
        }
    }

    @Override
    public void update(UpdateRule rule, Matrix weights, Matrix gradients, List<Matrix> states, Doubles factors,
            Ints step) {
        ReferenceUpdate.run(rule, ReferenceMatrix.of(weights), ReferenceMatrix.of(gradients),
                states.stream().map(ReferenceMatrix::of).toList(), HostDoubles.of(factors),
                firstFactor(rule, factors, step));
    }

    /** sum = sum + weight g; the first part of an update's batch overwrites the sum. */
    @Override
    public void accumulate(Matrix sum, boolean first, Matrix gradients, double weight) {
        double[] to = ReferenceMatrix.of(sum);
        double[] g = ReferenceMatrix.of(gradients);
        for (int i = 0; i < to.length; i++) {
            to[i] = (first ? 0 : to[i]) + weight * g[i];
        }
    }

    @Override
    public void draw(Matrix logits, Draw draw, long seed, Ints sentences, Ints position, Ints drawn) {
        ReferenceDraw.run(logits, draw, seed, HostInts.of(sentences), HostInts.of(position)[0], HostInts.of(drawn));
    }
}
