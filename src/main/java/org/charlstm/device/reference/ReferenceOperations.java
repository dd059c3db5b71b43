package org.charlstm.device.reference;

import java.util.List;
import org.charlstm.device.BatchNorm;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.Dense;
import org.charlstm.device.Doubles;
import org.charlstm.device.Draw;
import org.charlstm.device.Dropout;
import org.charlstm.device.Embedding;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Ints;
import org.charlstm.device.Lstm;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.host.HostDoubles;
import org.charlstm.device.host.HostInts;
import org.charlstm.device.host.HostOperations;
import org.charlstm.device.host.Shapes;
import org.jspecify.annotations.Nullable;

/** Leads each operation to its file. */
final class ReferenceOperations extends HostOperations {
    @Override
    public WeightLayout lstmLayout(Lstm.Layers layers) {
        int[] sizes = new int[3 * layers.count()];
        for (int layer = 0; layer < layers.count(); layer++) {
            sizes[3 * layer] = layers.inputs(layer) * 4 * layers.hidden();
            sizes[3 * layer + 1] = layers.hidden() * 4 * layers.hidden();
            sizes[3 * layer + 2] = 4 * layers.hidden();
        }
        return WeightLayout.inOrder(sizes);
    }

    @Override
    public Lstm lstm(Memory memory, Lstm.Shape shape, int offset) {
        return new ReferenceLstm(shape, offset);
    }

    @Override
    public WeightLayout denseLayout(int inputs, int outputs) {
        return WeightLayout.inOrder(inputs * outputs, outputs);
    }

    @Override
    public Dense dense(Memory memory, Dense.Shape shape, int offset) {
        return new ReferenceDense(shape, offset);
    }

    @Override
    public WeightLayout embeddingLayout(int symbols, int units) {
        return WeightLayout.inOrder(symbols * units);
    }

    @Override
    public Embedding embedding(Memory memory, Embedding.Shape shape, int offset) {
        return new ReferenceEmbedding(shape, offset);
    }

    @Override
    public WeightLayout batchNormLayout(int columns) {
        return WeightLayout.inOrder(columns, columns);
    }

    @Override
    public BatchNorm batchNorm(Memory memory, BatchNorm.Shape shape, int offset, int moving) {
        return new ReferenceBatchNorm(shape, offset, moving);
    }

    @Override
    public void dropout(Dropout dropout, Ints batch, Matrix input, Matrix output) {
        ReferenceDropout.run(dropout, HostInts.of(batch)[0], input, output);
    }

    @Override
    public void copyTied(TiedKernel tied, Matrix weights) {
        ReferenceTying.copy(tied, weights);
    }

    @Override
    public void gatherTied(TiedKernel tied, Matrix gradients) {
        ReferenceTying.gather(tied, gradients);
    }

    @Override
    protected void writeRow(Matrix matrix, int row, float[] values) {
        for (int j = 0; j < values.length; j++) {
            ReferenceMatrix.of(matrix)[row * values.length + j] = values[j];
        }
    }

    @Override
    public void toState(Matrix columns, int first, Lstm.State state) {
        ReferenceStates.move(columns, first, state, false);
    }

    @Override
    public void fromState(Lstm.State state, Matrix columns, int first) {
        ReferenceStates.move(columns, first, state, true);
    }

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
        ReferenceDraw.run(logits, draw, seed, HostInts.of(sentences), HostInts.of(position)[0],
                HostInts.of(drawn));
    }
}
