package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.all;
import static org.charlstm.device.cpu.tools.Lanes.coarse;
import static org.charlstm.device.cpu.tools.Lanes.flushed;
import static org.charlstm.device.cpu.tools.Lanes.load;
import static org.charlstm.device.cpu.tools.Lanes.padded;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.charlstm.device.Activation;
import org.charlstm.device.Dense;
import org.charlstm.device.Matrix;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.cpu.tools.Activations;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Gemm;
import org.charlstm.device.cpu.tools.Panels;
import org.charlstm.device.cpu.tools.ShardSums;
import org.charlstm.device.cpu.tools.Workers;

/** The dense layer in blocks of rows that stay in cache; gradients are summed in shards of a fixed size. */
final class CpuDense implements Dense {
    /** Rows that pass through all panels together. */
    private static final int BLOCK = 64;
    /** The same for few rows, which would otherwise be one thread's alone. */
    private static final int SMALL_BLOCK = 16;
    private static final int FEW_ROWS = 1024;
    /** The most shards that gradients are summed in. */
    private static final int SHARDS = 16;

    private final Workers workers;
    private final Dense.Shape shape;
    private final CpuDense.Layout layout;
    private final int offset;
    private final int inputStride;
    private final int outputStride;
    private final int blocks;
    private final int blocksPerShard;
    private final float[] transposed;
    /** A block of the input, in panels or transposed; each thread's own. */
    private final ThreadLocal<float[]> packed;
    private final ShardSums sums;
    /** Each shard's block of dL/dz, in panels. */
    private final float[] sumGradient;
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
        layout = new CpuDense.Layout(shape.inputs(), shape.outputs());
        inputStride = padded(shape.inputs());
        outputStride = padded(shape.outputs());
        blocks = Math.ceilDiv(shape.rows(), BLOCK);
        blocksPerShard = Math.ceilDiv(blocks, SHARDS);
        transposed = CpuMatrix.floats((long) inputStride * outputStride);
        packed = Panels.place(BLOCK, inputStride);
        int shards = Math.ceilDiv(blocks, blocksPerShard);
        sums = new ShardSums(workers, shards, layout.size());
        sumGradient = CpuMatrix.floats((long) shards * BLOCK * outputStride);
    }

    @Override
    public void forward(Matrix weightsAt, Matrix inputAt, Matrix outputAt) {
        weights = CpuMatrix.of(weightsAt).values();
        input = CpuMatrix.of(inputAt, shape.rows(), shape.inputs()).values();
        output = CpuMatrix.of(outputAt, shape.rows(), shape.outputs()).values();
        workers.run(Math.ceilDiv(shape.rows(), forwardRows()), forwardBlock);
    }

    private int forwardRows() {
        return shape.rows() <= FEW_ROWS ? SMALL_BLOCK : BLOCK;
    }

    private void forwardBlock(int block) {
        int from = block * forwardRows();
        int rows = Math.min(forwardRows(), shape.rows() - from);
        float[] a = packed.get();
        Panels.pack(input, ORIGIN + from * inputStride, inputStride, rows, a, ORIGIN);
        for (int panel = 0; panel < layout.panels(); panel++) {
            int column = panel * PANEL;
            FloatVector bias0 = load(weights, offset + column);
            FloatVector bias1 = load(weights, offset + column + COUNT);
            int to = ORIGIN + from * outputStride + column;
            for (int r = 0; r < rows; r++) {
                bias0.intoArray(output, to + r * outputStride);
                bias1.intoArray(output, to + r * outputStride + COUNT);
            }
        }
        Gemm.multiply(a, ORIGIN, rows * PANEL, inputStride / PANEL, weights, offset + layout.kernelOffset(),
                layout.panelSize(), output, ORIGIN + from * outputStride, PANEL, outputStride, rows, layout.panels());
        if (shape.activation() == Activation.RELU) {
            for (int i = ORIGIN + from * outputStride; i < ORIGIN + (from + rows) * outputStride; i += COUNT) {
                FloatVector y = load(output, i);
                y.blend(0f, y.compare(VectorOperators.LT, 0f)).intoArray(output, i);
            }
        } else if (shape.activation() == Activation.TANH) {
            int at = ORIGIN + from * outputStride;
            Activations.tanh(output, at, output, at, rows * outputStride);
        }
    }

    @Override
    public void backward(Matrix weightsAt, Matrix inputAt, Matrix outputAt, Matrix outputGradientAt,
            Matrix inputGradientAt, Matrix gradients) {
        weights = CpuMatrix.of(weightsAt).values();
        input = CpuMatrix.of(inputAt, shape.rows(), shape.inputs()).values();
        output = CpuMatrix.of(outputAt, shape.rows(), shape.outputs()).values();
        outputGradient = CpuMatrix.of(outputGradientAt, shape.rows(), shape.outputs()).values();
        inputGradient = CpuMatrix.of(inputGradientAt, shape.rows(), shape.inputs()).values();
        transpose();
        workers.run(Math.ceilDiv(blocks, blocksPerShard), backwardShard);
        sums.into(CpuMatrix.of(gradients).values(), offset);
    }

    /** The kernel transposed, in panels of the inputs. */
    private void transpose() {
        for (int panel = 0; panel < layout.panels(); panel++) {
            int from = offset + layout.kernelOffset() + panel * layout.panelSize();
            for (int k = 0; k < shape.inputs(); k++) {
                int to = ORIGIN + (k / PANEL * outputStride + panel * PANEL) * PANEL + k % PANEL;
                for (int j = 0; j < PANEL; j++) {
                    transposed[to + j * PANEL] = weights[from + k * PANEL + j];
                }
            }
        }
    }

    private void backwardShard(int shard) {
        float[] partial = sums.of(shard);
        Arrays.fill(partial, 0f);
        float[] a = packed.get();
        int dz = ORIGIN + shard * BLOCK * outputStride;
        int end = Math.min(shape.rows(), (shard + 1) * blocksPerShard * BLOCK);
        for (int from = shard * blocksPerShard * BLOCK; from < end; from += BLOCK) {
            int rows = Math.min(BLOCK, end - from);
            differentiate(from, rows, dz, partial);
            Arrays.fill(inputGradient, ORIGIN + from * inputStride, ORIGIN + (from + rows) * inputStride, 0f);
            Gemm.multiply(sumGradient, dz, BLOCK * PANEL, layout.panels(), transposed, ORIGIN, outputStride * PANEL,
                    inputGradient, ORIGIN + from * inputStride, PANEL, inputStride, rows, inputStride / PANEL);
            Panels.packTransposed(input, ORIGIN + from * inputStride, inputStride, rows, a, 0);
            Panels.endTransposed(a, inputStride, rows);
            Gemm.multiply(a, ORIGIN, inputStride * PANEL, Math.ceilDiv(rows, PANEL), sumGradient, dz, BLOCK * PANEL,
                    partial, ORIGIN + layout.kernelOffset(), layout.panelSize(), PANEL, inputStride, layout.panels());
        }
    }

    /** Passes a block's gradient back through the activation, into panels, and sums the bias' gradient. */
    private void differentiate(int from, int rows, int dz, float[] partial) {
        for (int panel = 0; panel < layout.panels(); panel++) {
            for (int half = 0; half < PANEL; half += COUNT) {
                int at = ORIGIN + from * outputStride + panel * PANEL + half;
                int to = dz + panel * BLOCK * PANEL + half;
                int bias = ORIGIN + panel * PANEL + half;
                if (shape.activation() == Activation.TANH) {
                    slopeColumns(at, rows, to, partial, bias);
                } else {
                    maskColumns(at, rows, to, partial, bias);
                }
            }
        }
    }

    private void maskColumns(int from, int rows, int to, float[] partial, int bias) {
        // Without a ReLU nothing is at or below the bound: a branch would put the vectors on the heap.
        float bound = shape.activation() == Activation.RELU ? 0f : Float.NEGATIVE_INFINITY;
        FloatVector coarse = coarse();
        FloatVector sum = load(partial, bias);
        for (int r = 0; r < rows; r++) {
            int at = from + r * outputStride;
            FloatVector gradient = flushed(load(outputGradient, at), coarse)
                    .blend(0f, load(output, at).compare(VectorOperators.LE, bound));
            gradient.intoArray(sumGradient, to + r * PANEL);
            sum = sum.add(gradient);
        }
        sum.intoArray(partial, bias);
    }

    private void slopeColumns(int from, int rows, int to, float[] partial, int bias) {
        FloatVector one = all(1f);
        FloatVector coarse = coarse();
        FloatVector sum = load(partial, bias);
        for (int r = 0; r < rows; r++) {
            int at = from + r * outputStride;
            FloatVector y = load(output, at);
            FloatVector gradient = flushed(load(outputGradient, at).mul(one.sub(y.mul(y))), coarse);
            gradient.intoArray(sumGradient, to + r * PANEL);
            sum = sum.add(gradient);
        }
        sum.intoArray(partial, bias);
    }

    /** The bias, then the kernel in panels: for each PANEL columns all rows, which the GEMM reads front to back. */
    record Layout(int inputs, int outputs) implements WeightLayout {
        int panels() {
            return padded(outputs) / PANEL;
        }

        /** Floats of one panel; rows are padded as the input's columns are. */
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
