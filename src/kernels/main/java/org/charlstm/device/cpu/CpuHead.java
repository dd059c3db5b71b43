package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.DenseBlock.SIZE;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.padded;

import java.util.Arrays;
import org.charlstm.device.Activation;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Panels;
import org.charlstm.device.cpu.tools.ShardSums;
import org.charlstm.device.cpu.tools.Workers;
import org.charlstm.device.host.HostDoubles;
import org.charlstm.device.host.HostInts;
import org.charlstm.device.host.Shapes;
import org.charlstm.device.spi.Head;

/**
 * The top of a network in training: a block of rows passes forward through both dense layers, the softmax and the loss,
 * and backward again, while the block is in the cache. Gradients are summed in shards of a fixed size.
 */
final class CpuHead implements Head {
    private final Workers workers;
    private final Head.Shape shape;
    private final int offset;
    private final int stride;
    private final DenseBlock below;
    private final DenseBlock top;
    /** The index of the second layer's sums. */
    private final int second;
    private final int blocksPerShard;
    /** The first shard of each part, then the number of shards. */
    private final int[] firstShard;
    private final ShardSums sums;
    private final double[][] totals;
    private final float[] losses;
    /** Each thread's blocks of x, of a, of dL/da, and of the logits and later their gradient. */
    private final ThreadLocal<float[]> inputBlock;
    private final ThreadLocal<float[]> middleBlock;
    private final ThreadLocal<float[]> middleGradientBlock;
    private final ThreadLocal<float[]> logitsBlock;
    private final Workers.Shard runShard = this::runShard;
    private float[] weights = {};
    private float[] input = {};
    private float[] inputGradient = {};
    private int[] targets = {};
    private double count;
    private int part;

    CpuHead(Workers workers, Head.Shape shape, int offset) {
        this.workers = workers;
        this.shape = shape;
        this.offset = ORIGIN + offset;
        stride = padded(shape.inputs());
        CpuDense.Layout first = new CpuDense.Layout(shape.inputs(), shape.units());
        CpuDense.Layout last = new CpuDense.Layout(shape.units(), shape.symbols());
        below = new DenseBlock(first, shape.activation(), this.offset);
        top = new DenseBlock(last, Activation.LINEAR, this.offset + first.size());
        second = ORIGIN + first.size();
        blocksPerShard = Math.ceilDiv(Math.ceilDiv(shape.rows(), DenseBlock.ROWS), CpuDense.SHARDS);
        firstShard = new int[shape.parts().size() + 1];
        for (int i = 0; i < shape.parts().size(); i++) {
            firstShard[i + 1] = firstShard[i] + Math.ceilDiv(shape.parts().get(i), blocksPerShard * DenseBlock.ROWS);
        }
        int shards = firstShard[shape.parts().size()];
        sums = new ShardSums(workers, shards, first.size() + last.size());
        totals = new double[shards][Operations.TOTALS];
        losses = new float[shape.rows()];
        inputBlock = DenseBlock.place(stride);
        middleBlock = DenseBlock.place(padded(shape.units()));
        middleGradientBlock = DenseBlock.place(padded(shape.units()));
        logitsBlock = DenseBlock.place(padded(shape.symbols()));
    }

    @Override
    public void run(Matrix weightsAt, Matrix inputAt, Ints targetsAt, Doubles countAt, Matrix inputGradientAt,
            int partAt) {
        weights = CpuMatrix.of(weightsAt).values();
        input = CpuMatrix.of(inputAt, shape.rows(), shape.inputs()).values();
        inputGradient = CpuMatrix.of(inputGradientAt, shape.rows(), shape.inputs()).values();
        targets = HostInts.of(targetsAt);
        Shapes.targets(targets, shape.rows(), shape.symbols());
        count = HostDoubles.of(Shapes.count(countAt))[0];
        part = partAt;
        below.transpose(weights);
        top.transpose(weights);
        workers.run(firstShard[part + 1] - firstShard[part], runShard);
    }

    private void runShard(int index) {
        int shard = firstShard[part] + index;
        float[] partial = sums.of(shard);
        Arrays.fill(partial, 0f);
        Arrays.fill(totals[shard], 0);
        float[] x = inputBlock.get();
        float[] a = middleBlock.get();
        float[] da = middleGradientBlock.get();
        float[] z = logitsBlock.get();
        int begin = shape.firstRow(part) + index * blocksPerShard * DenseBlock.ROWS;
        int end = Math.min(shape.firstRow(part + 1), begin + blocksPerShard * DenseBlock.ROWS);
        for (int from = begin; from < end; from += DenseBlock.ROWS) {
            int rows = Math.min(DenseBlock.ROWS, end - from);
            Panels.pack(input, ORIGIN + from * stride, stride, rows, stride, x, ORIGIN, SIZE);
            below.forward(weights, x, a, rows);
            top.forward(weights, a, z, rows);
            CpuCrossEntropy.rows(z, ORIGIN, PANEL, SIZE, shape.symbols(), targets, from, rows, count, z, ORIGIN,
                    PANEL, losses, totals[shard]);
            top.backward(a, z, z, rows, partial, second);
            top.inputGradient(z, rows, da, ORIGIN, SIZE, PANEL);
            below.backward(x, a, da, rows, partial, ORIGIN);
            below.inputGradient(da, rows, inputGradient, ORIGIN + from * stride, PANEL, stride);
        }
    }

    @Override
    public float[] losses() {
        return losses.clone();
    }

    @Override
    public void finish(Doubles totalsAt, Matrix gradients) {
        for (double[] each : totals) {
            CpuCrossEntropy.add(each, HostDoubles.of(totalsAt));
        }
        sums.into(CpuMatrix.of(gradients).values(), offset);
    }
}
