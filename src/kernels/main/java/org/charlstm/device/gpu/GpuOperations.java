package org.charlstm.device.gpu;

import module java.base;
import org.charlstm.cuda.Precision;
import org.charlstm.device.BatchNorm;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.Dense;
import org.charlstm.device.Doubles;
import org.charlstm.device.Draw;
import org.charlstm.device.Dropout;
import org.charlstm.device.Embedding;
import org.charlstm.device.Embedding.TiedKernel;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Padding;
import org.charlstm.device.Rnn;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.UpdateRule.Adam;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.device.UpdateRule.Sgd;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.gpu.head.HeadChoice;
import org.charlstm.device.gpu.rnn.RnnEngines;
import org.charlstm.device.gpu.rnn.RnnLayout;
import org.charlstm.device.gpu.tools.DenseLayout;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuCorpus;
import org.charlstm.device.gpu.tools.GpuDoubles;
import org.charlstm.device.gpu.tools.GpuInts;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuProducts;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.GpuView;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;
import org.charlstm.device.host.Shapes;
import org.charlstm.device.spi.ComposedOperations;
import org.charlstm.device.spi.Head;
import org.charlstm.device.spi.Sampling;
import org.jspecify.annotations.Nullable;

/** Runs each operation by a kernel or a library. */
final class GpuOperations implements ComposedOperations {
    /** The most blocks of the kernels of the loss and of the norm, which fill the largest GPU. */
    private static final int MAX_BLOCKS = 1024;
    /** Elements that a block of the norm's kernel takes at a time. */
    private static final int SQUARES = 1024;
    /** Columns that share a block of random bits in dropout. */
    private static final int DROPOUT_GROUP = 8;
    /** Rows that a block takes at a time in the kernels of the loss and of tied weights. */
    private static final int WARPS = 8;

    private final GpuTools tools;
    private final GpuContext context;
    private final Kernels kernels;
    private final GpuProducts products;
    private final RnnEngines rnns;
    private final HeadChoice heads;
    /** Whether one launch may sample many symbols. */
    private final boolean inOne;
    private final GpuDoubles partials;

    GpuOperations(GpuTools tools, GpuMemory memory, RnnEngines rnns, HeadChoice heads, boolean inOne) {
        this.tools = tools;
        context = tools.context();
        kernels = tools.kernels();
        products = tools.products();
        this.rnns = rnns;
        this.heads = heads;
        this.inOne = inOne;
        partials = memory.doubles(TOTALS * MAX_BLOCKS);
    }

    @Override
    public WeightLayout rnnLayout(Rnn.Layers layers) {
        return RnnLayout.of(layers);
    }

    @Override
    public Rnn rnn(Memory memory, Rnn.Shape shape, int offset) {
        return rnn(memory, shape, offset, null);
    }

    @Override
    public Rnn rnn(Memory memory, Rnn.Shape shape, int offset, Head.@Nullable Shape above) {
        return rnns.rnn(GpuMemory.of(memory), shape, offset,
                above == null ? null : heads.above(this, above).orElse(null));
    }

    @Override
    public void matmul(Matrix a, boolean transposedA, Matrix b, boolean transposedB, Matrix c) {
        Shapes.product(a, transposedA, b, transposedB, c);
        products.multiply(factor(a, transposedA), factor(b, transposedB), 0, GpuMatrix.of(c).view());
    }

    private GpuView factor(Matrix matrix, boolean transposed) {
        GpuMatrix factor = GpuMatrix.of(matrix);
        if (factor.type() != products.factors()) {
            throw new IllegalArgumentException("a factor of " + factor.type() + " where this GPU multiplies "
                    + products.factors() + "; take Memory.matrix for it rather than Memory.flat");
        }
        return transposed ? factor.view().transpose() : factor.view();
    }

    @Override
    public WeightLayout denseLayout(int inputs, int outputs) {
        return new DenseLayout(inputs, outputs);
    }

    @Override
    public Dense dense(Memory memory, Dense.Shape shape, int offset) {
        return new GpuDense(tools, GpuMemory.of(memory), shape, offset);
    }

    @Override
    public Optional<Head> head(Memory memory, Head.Shape shape, int offset) {
        return heads.head(this, GpuMemory.of(memory), shape, offset);
    }

    @Override
    public WeightLayout embeddingLayout(int symbols, int units) {
        return GpuEmbedding.layout(symbols, units);
    }

    @Override
    public Embedding embedding(Memory memory, Embedding.Shape shape, int offset) {
        return new GpuEmbedding(kernels, GpuMemory.of(memory), shape, offset);
    }

    @Override
    public WeightLayout batchNormLayout(int columns) {
        return GpuBatchNorm.layout(columns);
    }

    @Override
    public BatchNorm batchNorm(Memory memory, BatchNorm.Shape shape, int offset, int moving) {
        return new GpuBatchNorm(kernels, GpuMemory.of(memory), shape, offset, moving);
    }

    @Override
    public void dropout(Dropout dropout, Ints batch, Matrix input, Matrix output) {
        Shapes.ints(batch, 1);
        GpuMatrix x = GpuMatrix.of(input);
        GpuMatrix y = GpuMatrix.of(output, x.rows(), x.columns());
        Kernels.requireCountable(Kernel.DROPOUT, x.count());
        int across = Math.ceilDiv(x.columns(), DROPOUT_GROUP);
        int size = x.rows() * across;
        Dropout.Rows rows = dropout.rows();
        int part = rows.batch() * across;
        int skip = rows.whole() * across - part;
        kernels.each(Kernel.DROPOUT, size, x.pointer(), y.pointer(), GpuInts.pointer(batch), dropout.seed(),
                dropout.layer(), dropout.threshold(), (float) dropout.scale(), x.columns(), size, x.bf16(), part, skip,
                rows.first() * across);
    }

    @Override
    public void copyTied(TiedKernel tied, Matrix weights) {
        tie(Kernel.COPY_TIED, tied, weights);
    }

    @Override
    public void gatherTied(TiedKernel tied, Matrix gradients) {
        tie(Kernel.GATHER_TIED, tied, gradients);
    }

    private void tie(Kernel kernel, TiedKernel tied, Matrix parameters) {
        GpuMatrix flat = GpuMatrix.of(parameters);
        kernels.launch(kernel, Math.ceilDiv(tied.symbols(), Kernels.WARP) * Math.ceilDiv(tied.units(), Kernels.WARP),
                Kernels.WARP, WARPS, flat.pointer(tied.table()), flat.pointer(tied.dense()), tied.symbols(),
                tied.units());
    }

    @Override
    public void gather(CorpusBuffer corpus, Ints order, Ints cursor, Ints inputs, Ints targets, int batch,
            Padding padding) {
        Shapes.gather(corpus, order.length(), inputs.length(), targets.length(), batch);
        int width = corpus.steps() + 1;
        int steps = inputs.length() / batch;
        int first = steps - targets.length() / batch;
        kernels.each(Kernel.GATHER, inputs.length(), ((GpuCorpus) corpus).buffer().pointer(), GpuInts.pointer(order),
                GpuInts.pointer(cursor), GpuInts.pointer(inputs), GpuInts.pointer(targets), width, steps, first, batch,
                corpus.end(), padding == Padding.LEFT_OUT ? 1 : 0);
    }

    @Override
    public void lastRows(Matrix from, Matrix to) {
        GpuMatrix x = GpuMatrix.of(from, from.rows(), to.columns());
        GpuMatrix y = GpuMatrix.of(to);
        Kernels.requireCountable(Kernel.LAST_ROWS, x.count());
        kernels.each(Kernel.LAST_ROWS, y.count(), x.pointer(), y.pointer(), (x.rows() - y.rows()) * x.columns(),
                (int) y.count(), y.bf16());
    }

    @Override
    public void gatherFeatures(CorpusBuffer corpus, Ints order, Ints cursor, Matrix features) {
        GpuMatrix taken = GpuMatrix.of(features);
        Shapes.gatherFeatures(corpus, order.length(), features.rows(), features.columns());
        kernels.each(Kernel.GATHER_FEATURES, taken.count(), ((GpuCorpus) corpus).featuresPointer(),
                GpuInts.pointer(order), GpuInts.pointer(cursor), taken.pointer(), features.columns(),
                (int) taken.count(), taken.bf16());
    }

    @Override
    public void toState(Matrix columns, int first, Rnn.State state) {
        moveState(columns, first, state, 0);
    }

    @Override
    public void fromState(Rnn.State state, Matrix columns, int first) {
        moveState(columns, first, state, 1);
    }

    private void moveState(Matrix columns, int first, Rnn.State state, int back) {
        Shapes.state(columns, first, state);
        GpuMatrix hidden = GpuMatrix.of(state.hidden());
        int batch = columns.rows();
        int units = hidden.columns();
        int width = columns.columns();
        kernels.each(Kernel.MOVE_STATE, hidden.count(), GpuMatrix.of(columns).pointer(), hidden.pointer(),
                state.cell() == null ? 0L : GpuMatrix.of(state.cell()).pointer(), hidden.rows(), batch, units, width,
                first, back, hidden.bf16());
    }

    @Override
    public void beside(Runnable work, Runnable others) {
        context.beside(work);
        others.run();
        context.join();
    }

    @Override
    public void add(Ints values, int amount) {
        kernels.each(Kernel.ADD, values.length(), GpuInts.pointer(values), amount, values.length());
    }

    @Override
    public void pick(Doubles values, Ints position, Doubles picked) {
        Shapes.ints(position, 1);
        kernels.launch(Kernel.PICK, 1, 1, 1, GpuDoubles.pointer(values, values.length()), GpuInts.pointer(position),
                GpuDoubles.pointer(picked, 1));
    }

    @Override
    public void append(Ints values, Ints position, Ints history) {
        Shapes.ints(position, 1);
        Shapes.require(history.length() % values.length() == 0, "a history of %d for %d values", history.length(),
                values.length());
        kernels.each(Kernel.APPEND, values.length(), GpuInts.pointer(values), GpuInts.pointer(position),
                GpuInts.pointer(history), values.length());
    }

    @Override
    public void crossEntropy(Matrix logits, Ints targets, @Nullable Doubles count, @Nullable Matrix gradient,
            Doubles totals) {
        int rows = logits.rows();
        int symbols = logits.columns();
        Shapes.ints(targets, rows);
        long gradientAt = gradient == null ? 0 : GpuMatrix.of(gradient, rows, symbols).pointer();
        int blocks = Math.min(Math.ceilDiv(rows, WARPS), MAX_BLOCKS);
        kernels.launch(Kernel.CROSS_ENTROPY, blocks, Kernels.WARP, WARPS, GpuMatrix.of(logits).pointer(),
                GpuInts.pointer(targets), gradient == null ? 0 : GpuDoubles.pointer(Shapes.count(count), 1), gradientAt,
                partials.buffer().pointer(), rows, symbols, GpuMatrix.of(logits).bf16());
        kernels.launch(Kernel.TOTALS, 1, 256, 1, partials.buffer().pointer(), GpuDoubles.pointer(totals, TOTALS),
                blocks);
    }

    @Override
    public void clip(Matrix gradients, double limit, double bound, Doubles norms) {
        int size = Math.toIntExact(GpuMatrix.of(gradients).count());
        long g = GpuMatrix.of(gradients).pointer();
        long measured = GpuDoubles.pointer(norms, 4);
        int blocks = Math.min(Math.ceilDiv(size, SQUARES), MAX_BLOCKS);
        kernels.launch(Kernel.SQUARES, blocks, 256, 1, g, partials.buffer().pointer(), size);
        kernels.launch(Kernel.L2_NORM, 1, 256, 1, partials.buffer().pointer(), measured, blocks);
        if (limit < Double.POSITIVE_INFINITY || bound < Double.POSITIVE_INFINITY) {
            kernels.each(Kernel.CLIP, size, g, measured, limit, (float) bound, size);
        }
    }

    @Override
    public void update(UpdateRule rule, Matrix weights, Matrix gradients, List<Matrix> states, Doubles factors,
            Ints step) {
        Shapes.ints(step, 1);
        int size = gradients.columns();
        Shapes.require(weights.columns() >= size, "%d weights for %d gradients", weights.columns(), size);
        long weightsAt = GpuMatrix.of(weights).pointer();
        long gradientsAt = GpuMatrix.of(gradients, 1, size).pointer();
        long[] kept = states.stream().mapToLong(state -> GpuMatrix.of(state, 1, size).pointer()).toArray();
        long factorsAt = GpuDoubles.pointer(factors, factors.length());
        long stepAt = GpuInts.pointer(step);
        int updates = Shapes.updates(rule, factors);
        switch (rule) {
            case RmsProp asked -> {
                long meanSquares = kept[0];
                kernels.each(Kernel.RMS_PROP, size, weightsAt, gradientsAt, meanSquares, factorsAt, stepAt, updates,
                        (float) asked.decay(), (float) asked.epsilon(), (float) asked.weightDecay(), size);
            }
            case Sgd asked -> {
                long velocities = kept.length == 0 ? 0L : kept[0];
                kernels.each(Kernel.SGD, size, weightsAt, gradientsAt, velocities, factorsAt, stepAt, updates,
                        (float) asked.momentum(), asked.nesterov() ? 1 : 0, (float) asked.weightDecay(), size);
            }
            case Adam asked -> {
                long means = kept[0];
                long meanSquares = kept[1];
                float toMean = (float) (1 - asked.beta1());
                float toSquare = (float) (1 - asked.beta2());
                float weightDecay = (float) asked.coupledDecay();
                kernels.each(Kernel.ADAM, size, weightsAt, gradientsAt, means, meanSquares, factorsAt, stepAt, updates,
                        (float) asked.beta1(), toMean, (float) asked.beta2(), toSquare, (float) asked.epsilon(),
                        weightDecay, size);
            }
        }
    }

    @Override
    public void accumulate(Matrix sum, boolean first, Matrix gradients, double weight) {
        int size = Math.toIntExact(GpuMatrix.of(sum).count());
        kernels.each(Kernel.ACCUMULATE, size, GpuMatrix.of(sum).pointer(),
                GpuMatrix.of(gradients, sum.rows(), sum.columns()).pointer(), first ? 1 : 0, (float) weight, size);
    }

    @Override
    public void draw(Matrix logits, Draw draw, long seed, Ints sentences, Ints position, Ints drawn) {
        Shapes.ints(sentences, logits.rows());
        Shapes.ints(drawn, logits.rows());
        Shapes.ints(position, 1);
        int symbols = logits.columns();
        kernels.each(Kernel.DRAW, logits.rows(), GpuMatrix.of(logits).pointer(), draw.temperature(), draw.topK(),
                draw.topP(), seed, GpuInts.pointer(sentences), GpuInts.pointer(position), GpuInts.pointer(drawn),
                logits.rows(), symbols, GpuMatrix.of(logits).bf16());
    }

    @Override
    public Optional<Sampling> sampling(Memory memory, List<Sampling.Layer> layers, Matrix weights, Matrix logits) {
        return inOne && products.precision() == Precision.FLOAT32 ? GpuSampling.of(kernels, GpuMemory.of(memory),
                layers, GpuMatrix.of(weights), GpuMatrix.of(logits), context.sharedMemory()) : Optional.empty();
    }
}
