package org.charlstm.device.cpu;

import java.util.Arrays;
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
final class CpuOperations extends HostOperations {
    private final Workers workers;
    private final CpuCrossEntropy crossEntropy;
    private final CpuClip clip;
    private final CpuUpdate update;
    private final CpuAccumulation accumulation;
    private final CpuDraw draw;
    private final CpuDropout dropping;
    private final CpuTying tying;

    CpuOperations(Workers workers) {
        this.workers = workers;
        crossEntropy = new CpuCrossEntropy(workers);
        clip = new CpuClip(workers);
        update = new CpuUpdate(workers);
        accumulation = new CpuAccumulation(workers);
        draw = new CpuDraw(workers);
        dropping = new CpuDropout(workers);
        tying = new CpuTying(workers);
    }

    @Override
    public WeightLayout lstmLayout(Lstm.Layers layers) {
        return CpuLstm.layout(layers);
    }

    @Override
    public Lstm lstm(Memory memory, Lstm.Shape shape, int offset) {
        return new CpuLstm(workers, shape, offset);
    }

    @Override
    public WeightLayout denseLayout(int inputs, int outputs) {
        return new CpuDenseLayout(inputs, outputs);
    }

    @Override
    public Dense dense(Memory memory, Dense.Shape shape, int offset) {
        return new CpuDense(workers, shape, offset);
    }

    @Override
    public WeightLayout embeddingLayout(int symbols, int units) {
        return new CpuRowsLayout(1, symbols, units);
    }

    @Override
    public Embedding embedding(Memory memory, Embedding.Shape shape, int offset) {
        return new CpuEmbedding(workers, shape, offset);
    }

    @Override
    public WeightLayout batchNormLayout(int columns) {
        return CpuBatchNorm.layout(columns);
    }

    @Override
    public BatchNorm batchNorm(Memory memory, BatchNorm.Shape shape, int offset, int moving) {
        return new CpuBatchNorm(workers, shape, offset, moving);
    }

    @Override
    public void dropout(Dropout dropout, Ints batch, Matrix input, Matrix output) {
        dropping.run(dropout, HostInts.of(batch)[0], input, output);
    }

    @Override
    public void copyTied(TiedKernel tied, Matrix weights) {
        tying.copy(tied, weights);
    }

    @Override
    public void gatherTied(TiedKernel tied, Matrix gradients) {
        tying.gather(tied, gradients);
    }

    @Override
    protected void writeRow(Matrix matrix, int row, float[] values) {
        CpuMatrix to = CpuMatrix.of(matrix);
        System.arraycopy(values, 0, to.values(), to.at(row), values.length);
    }

    @Override
    public void toState(Matrix columns, int first, Lstm.State state) {
        CpuStates.move(columns, first, state, false);
    }

    @Override
    public void fromState(Lstm.State state, Matrix columns, int first) {
        CpuStates.move(columns, first, state, true);
    }

    @Override
    public void lastRows(Matrix from, Matrix to) {
        CpuMatrix x = CpuMatrix.of(from, from.rows(), to.columns());
        CpuMatrix y = CpuMatrix.of(to);
        int rows = Math.min(x.rows(), y.rows());
        int first = y.at(y.rows() - rows);
        Arrays.fill(y.values(), y.at(0), first, 0f);
        System.arraycopy(x.values(), x.at(x.rows() - rows), y.values(), first, rows * x.stride());
    }

    @Override
    public void crossEntropy(Matrix logits, Ints targets, @Nullable Doubles count, @Nullable Matrix gradient,
            Doubles totals) {
        crossEntropy.run(logits, HostInts.of(targets), gradient == null ? 0 : HostDoubles.of(Shapes.count(count))[0],
                gradient, HostDoubles.of(totals));
    }

    @Override
    public void clip(Matrix gradients, double limit, double bound, Doubles norms) {
        clip.run(gradients, limit, bound, HostDoubles.of(norms));
    }

    @Override
    public void update(UpdateRule rule, Matrix weights, Matrix gradients, List<Matrix> states, Doubles factors,
            Ints step) {
        update.run(rule, weights, gradients, states, HostDoubles.of(factors),
                firstFactor(rule, factors, step));
    }

    @Override
    public void accumulate(Matrix sum, boolean first, Matrix gradients, double weight) {
        accumulation.run(sum, first, gradients, weight);
    }

    @Override
    public void draw(Matrix logits, Draw how, long seed, Ints sentences, Ints position, Ints drawn) {
        draw.run(CpuMatrix.of(logits), how, seed, HostInts.of(sentences), HostInts.of(position)[0],
                HostInts.of(drawn));
    }
}
