package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.DenseBlock.SIZE;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.padded;

import java.util.Arrays;
import org.charlstm.device.Dense;
import org.charlstm.device.Matrix;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Panels;
import org.charlstm.device.cpu.tools.ShardSums;
import org.charlstm.device.cpu.tools.Workers;

/** The dense layer in {@linkplain DenseBlock blocks} of rows; gradients are summed in shards of a fixed size. */
final class CpuDense implements Dense {
    /** The rows of a block in the forward pass of a layer with few rows, so several threads share the layer. */
    private static final int SMALL_BLOCK = 16;
    private static final int FEW_ROWS = 1024;
    /** The most shards that gradients are summed in. */
    static final int SHARDS = 16;

    private final Workers workers;
    private final Dense.Shape shape;
    private final int offset;
    private final int inputStride;
    private final int outputStride;
    private final int blocks;
    private final int blocksPerShard;
    private final DenseBlock layer;
    private final ThreadLocal<float[]> inputBlock;
    private final ThreadLocal<float[]> outputBlock;
    private final ThreadLocal<float[]> gradientBlock;
    private final ShardSums sums;
    private final Workers.Shard forwardBlock = this::forwardBlock;
    private final Workers.Shard backwardShard = this::backwardShard;
    private float[] weights = {};
    private float[] input = {};
    private float[] output = {};
    private float[] outputGradient = {};
    private float[] inputGradient = {};

    CpuDense(Workers workers, Dense.Shape shape, int offset) {
        this.workers = workers;
        this.shape = shape;
        this.offset = ORIGIN + offset;
        CpuDense.Layout layout = new CpuDense.Layout(shape.inputs(), shape.outputs());
        inputStride = padded(shape.inputs());
        outputStride = padded(shape.outputs());
        blocks = Math.ceilDiv(shape.rows(), DenseBlock.ROWS);
        blocksPerShard = Math.ceilDiv(blocks, SHARDS);
        layer = new DenseBlock(layout, shape.activation(), this.offset);
        inputBlock = DenseBlock.place(inputStride);
        outputBlock = DenseBlock.place(outputStride);
        gradientBlock = DenseBlock.place(outputStride);
        sums = new ShardSums(workers, Math.ceilDiv(blocks, blocksPerShard), layout.size());
    }

    @Override
    public void forward(Matrix weightsAt, Matrix inputAt, Matrix outputAt) {
        weights = CpuMatrix.of(weightsAt).values();
        input = CpuMatrix.of(inputAt, shape.rows(), shape.inputs()).values();
        output = CpuMatrix.of(outputAt, shape.rows(), shape.outputs()).values();
        workers.run(Math.ceilDiv(shape.rows(), forwardRows()), forwardBlock);
    }

    private int forwardRows() {
        return shape.rows() <= FEW_ROWS ? SMALL_BLOCK : DenseBlock.ROWS;
    }

    private void forwardBlock(int block) {
        int from = block * forwardRows();
        int rows = Math.min(forwardRows(), shape.rows() - from);
        float[] x = inputBlock.get();
        float[] y = outputBlock.get();
        Panels.pack(input, ORIGIN + from * inputStride, inputStride, rows, inputStride, x, ORIGIN, SIZE);
        layer.forward(weights, x, y, rows);
        Panels.unpack(y, ORIGIN, SIZE, rows, output, ORIGIN + from * outputStride, outputStride);
    }

    @Override
    public void backward(Matrix weightsAt, Matrix inputAt, Matrix outputAt, Matrix outputGradientAt,
            Matrix inputGradientAt, Matrix gradients) {
        weights = CpuMatrix.of(weightsAt).values();
        input = CpuMatrix.of(inputAt, shape.rows(), shape.inputs()).values();
        output = CpuMatrix.of(outputAt, shape.rows(), shape.outputs()).values();
        outputGradient = CpuMatrix.of(outputGradientAt, shape.rows(), shape.outputs()).values();
        inputGradient = CpuMatrix.of(inputGradientAt, shape.rows(), shape.inputs()).values();
        layer.transpose(weights);
        workers.run(Math.ceilDiv(blocks, blocksPerShard), backwardShard);
        sums.into(CpuMatrix.of(gradients).values(), offset);
    }

    private void backwardShard(int shard) {
        float[] partial = sums.of(shard);
        Arrays.fill(partial, 0f);
        float[] x = inputBlock.get();
        float[] y = outputBlock.get();
        float[] dy = gradientBlock.get();
        int end = Math.min(shape.rows(), (shard + 1) * blocksPerShard * DenseBlock.ROWS);
        for (int from = shard * blocksPerShard * DenseBlock.ROWS; from < end; from += DenseBlock.ROWS) {
            int rows = Math.min(DenseBlock.ROWS, end - from);
            int in = ORIGIN + from * inputStride;
            int out = ORIGIN + from * outputStride;
            Panels.pack(input, in, inputStride, rows, inputStride, x, ORIGIN, SIZE);
            Panels.pack(output, out, outputStride, rows, outputStride, y, ORIGIN, SIZE);
            Panels.pack(outputGradient, out, outputStride, rows, outputStride, dy, ORIGIN, SIZE);
            layer.backward(x, y, dy, rows, partial, ORIGIN);
            layer.inputGradient(dy, rows, inputGradient, in, PANEL, inputStride);
        }
    }

    /** The bias, then the kernel in panels: for each PANEL columns all rows, which the GEMM reads front to back. */
    record Layout(int inputs, int outputs) implements WeightLayout {
        int panels() {
            return padded(outputs) / PANEL;
        }

        /** Floats of one panel; rows are padded like the input's columns. */
        int panelSize() {
            return padded(inputs) * PANEL;
        }

        /** Where the panels begin, after the bias. */
        int kernelOffset() {
            return padded(outputs);
        }

        @Override
        public int size() {
            return kernelOffset() + panels() * panelSize();
        }

        private int kernelIndex(int k, int j) {
            return kernelOffset() + j / PANEL * panelSize() + k * PANEL + j % PANEL;
        }

        @Override
        public void pack(double[][] tensors, double[] flat, int offset) {
            for (int j = 0; j < outputs; j++) {
                for (int k = 0; k < inputs; k++) {
                    flat[offset + kernelIndex(k, j)] = tensors[0][k * outputs + j];
                }
                flat[offset + j] = tensors[1][j];
            }
        }

        @Override
        public double[][] unpack(double[] flat, int offset) {
            double[][] tensors = {new double[inputs * outputs], new double[outputs]};
            for (int j = 0; j < outputs; j++) {
                for (int k = 0; k < inputs; k++) {
                    tensors[0][k * outputs + j] = flat[offset + kernelIndex(k, j)];
                }
                tensors[1][j] = flat[offset + j];
            }
            return tensors;
        }
    }
}
