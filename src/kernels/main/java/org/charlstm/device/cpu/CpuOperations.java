package org.charlstm.device.cpu;

import module java.base;
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
import org.charlstm.device.cpu.rnn.CpuRnn;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Workers;
import org.charlstm.device.host.HostDoubles;
import org.charlstm.device.host.HostInts;
import org.charlstm.device.host.HostOperations;
import org.charlstm.device.host.Shapes;
import org.charlstm.device.spi.ComposedOperations;
import org.charlstm.device.spi.Head;
import org.jspecify.annotations.Nullable;

/** Dispatches each operation to its class. */
final class CpuOperations extends HostOperations implements ComposedOperations {
    private final Workers workers;
    private final CpuCrossEntropy crossEntropy;
    private final CpuGradients.Clip clip;
    private final CpuUpdate update;
    private final CpuGradients.Accumulation accumulation;
    private final CpuDraw draw;
    private final CpuDropout dropping;
    private final CpuEmbedding.Tying tying;
    private final CpuProduct product;

    CpuOperations(Workers workers) {
        this.workers = workers;
        crossEntropy = new CpuCrossEntropy(workers);
        clip = new CpuGradients.Clip(workers);
        update = new CpuUpdate(workers);
        accumulation = new CpuGradients.Accumulation(workers);
        draw = new CpuDraw(workers);
        dropping = new CpuDropout(workers);
        tying = new CpuEmbedding.Tying(workers);
        product = new CpuProduct(workers);
    }

    @Override
    public WeightLayout rnnLayout(Rnn.Layers layers) {
        return CpuRnn.layout(layers);
    }

    @Override
    public Rnn rnn(Memory memory, Rnn.Shape shape, int offset) {
        WarmUp.before(shape);
        return new CpuRnn(workers, shape, offset);
    }

    @Override
    public void matmul(Matrix a, boolean transposedA, Matrix b, boolean transposedB, Matrix c) {
        product.run(a, transposedA, b, transposedB, c);
    }

    @Override
    public WeightLayout denseLayout(int inputs, int outputs) {
        return new CpuDense.Layout(inputs, outputs);
    }

    @Override
    public Dense dense(Memory memory, Dense.Shape shape, int offset) {
        return new CpuDense(workers, shape, offset);
    }

    @Override
    public Optional<Head> head(Memory memory, Head.Shape shape, int offset) {
        return Optional.of(new CpuHead(workers, shape, offset));
    }

    @Override
    public WeightLayout embeddingLayout(int symbols, int units) {
        return new CpuMatrix.Layout(1, symbols, units);
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
    public void toState(Matrix columns, int first, Rnn.State state) {
        moveState(columns, first, state, false);
    }

    @Override
    public void fromState(Rnn.State state, Matrix columns, int first) {
        moveState(columns, first, state, true);
    }

    private static void moveState(Matrix columns, int first, Rnn.State state, boolean back) {
        Shapes.state(columns, first, state);
        CpuMatrix all = CpuMatrix.of(columns);
        int units = state.hidden().columns();
        int parts = state.parts().size();
        for (int part = 0; part < parts; part++) {
            CpuMatrix one = CpuMatrix.of(state.parts().get(part));
            for (int row = 0; row < one.rows(); row++) {
                int at = all.at(row % all.rows()) + first + (parts * (row / all.rows()) + part) * units;
                copy(all, at, one, row, back);
            }
        }
    }

    private static void copy(CpuMatrix columns, int at, CpuMatrix part, int row, boolean back) {
        System.arraycopy(back ? part.values() : columns.values(), back ? part.at(row) : at,
                back ? columns.values() : part.values(), back ? at : part.at(row), part.columns());
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
        update.run(rule, weights, gradients, states, HostDoubles.of(factors), firstFactor(rule, factors, step));
    }

    @Override
    public void accumulate(Matrix sum, boolean first, Matrix gradients, double weight) {
        accumulation.run(sum, first, gradients, weight);
    }

    @Override
    public void draw(Matrix logits, Draw how, long seed, Ints sentences, Ints position, Ints drawn) {
        draw.run(CpuMatrix.of(logits), how, seed, HostInts.of(sentences), HostInts.of(position)[0], HostInts.of(drawn));
    }
}
