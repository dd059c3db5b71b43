package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.all;
import static org.charlstm.device.cpu.tools.Lanes.coarse;
import static org.charlstm.device.cpu.tools.Lanes.flushed;
import static org.charlstm.device.cpu.tools.Lanes.load;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.charlstm.device.Activation;
import org.charlstm.device.cpu.tools.Activations;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Gemm;
import org.charlstm.device.cpu.tools.OuterProducts;
import org.charlstm.device.cpu.tools.Panels;

/**
 * The arithmetic of a dense layer on a block of rows, small enough for the cache. A block of a matrix lies in panels
 * from {@link org.charlstm.device.cpu.tools.Lanes#ORIGIN} on: PANEL columns of all rows, then the next panel,
 * {@link #SIZE} floats further for any number of rows.
 */
final class DenseBlock {
    /** The most rows of a block. */
    static final int ROWS = 64;
    /** Floats from one panel of a block to the next. */
    static final int SIZE = ROWS * PANEL;
    /** All rows of a block begin with the same sums: the bias or zeros. */
    private static final int[] SAME = Gemm.places(ROWS, 0);

    private final CpuDense.Layout layout;
    private final Activation activation;
    /** Where the layer's weights begin in a flat buffer. */
    private final int offset;
    /** Panels of the input and of the output. */
    private final int inputs;
    private final int outputs;
    /** The number of output panels, without a last panel that is at most half full. */
    private final int wholeOutputs;
    /** The kernel transposed, in panels of the inputs. */
    private final float[] transposed;

    DenseBlock(CpuDense.Layout layout, Activation activation, int offset) {
        this.layout = layout;
        this.activation = activation;
        this.offset = offset;
        inputs = layout.panelSize() / (PANEL * PANEL);
        outputs = layout.panels();
        wholeOutputs = (layout.outputs() + COUNT - 1) / PANEL;
        transposed = CpuMatrix.floats((long) inputs * outputs * PANEL * PANEL);
    }

    /** A block of {@code columns} columns for each thread. */
    static ThreadLocal<float[]> place(int columns) {
        return Panels.place(columns, ROWS);
    }

    /** y = activation(x W + b). */
    void forward(float[] weights, float[] x, float[] y, int rows) {
        Gemm.multiply(x, ORIGIN, SIZE, inputs, weights, offset + layout.kernelOffset(), layout.panelSize(),
                weights, offset, PANEL, SAME, 0, y, ORIGIN, SIZE, PANEL, rows, wholeOutputs);
        if (wholeOutputs < outputs) {
            int kernel = offset + layout.kernelOffset() + wholeOutputs * layout.panelSize();
            Gemm.half(x, ORIGIN, SIZE, inputs, weights, kernel, weights, offset + wholeOutputs * PANEL, SAME, 0, y,
                    ORIGIN + wholeOutputs * SIZE, PANEL, rows);
        }
        switch (activation) {
            case LINEAR -> {}
            case RELU -> clip(y, rows);
            case TANH -> {
                for (int at = ORIGIN; at < ORIGIN + outputs * SIZE; at += SIZE) {
                    Activations.tanh(y, at, y, at, rows * PANEL);
                }
            }
        }
    }

    private void clip(float[] y, int rows) {
        for (int at = ORIGIN; at < ORIGIN + outputs * SIZE; at += SIZE) {
            for (int j = at; j < at + rows * PANEL; j += COUNT) {
                FloatVector value = load(y, j);
                value.blend(0f, value.compare(VectorOperators.LT, 0f)).intoArray(y, j);
            }
        }
    }

    /** Transposes the weights for {@link #inputGradient}. */
    void transpose(float[] weights) {
        for (int q = 0; q < outputs; q++) {
            int from = offset + layout.kernelOffset() + q * layout.panelSize();
            for (int k = 0; k < layout.inputs(); k++) {
                int to = ORIGIN + (k / PANEL * outputs + q) * PANEL * PANEL + k % PANEL;
                for (int j = 0; j < PANEL; j++) {
                    transposed[to + j * PANEL] = weights[from + k * PANEL + j];
                }
            }
        }
    }

    /**
     * Turns dL/dy into dL/dz in place, where z = x W + b, and adds the block's share to the weights' gradients, which
     * lie in {@code sums} from {@code from} on.
     */
    void backward(float[] x, float[] y, float[] gradient, int rows, float[] sums, int from) {
        for (int q = 0; q < outputs; q++) {
            for (int half = 0; half < PANEL; half += COUNT) {
                int at = ORIGIN + q * SIZE + half;
                if (activation == Activation.TANH) {
                    throughTanh(y, gradient, at, rows, sums, from + q * PANEL + half);
                } else {
                    throughMask(y, gradient, at, rows, sums, from + q * PANEL + half);
                }
            }
        }
        OuterProducts.multiply(x, ORIGIN, SIZE, layout.inputs(), gradient, ORIGIN, SIZE, rows, sums,
                from + layout.kernelOffset(), layout.panelSize(), wholeOutputs);
        if (wholeOutputs < outputs) {
            OuterProducts.half(x, ORIGIN, SIZE, layout.inputs(), gradient, ORIGIN + wholeOutputs * SIZE, rows, sums,
                    from + layout.kernelOffset() + wholeOutputs * layout.panelSize());
        }
    }

    private void throughMask(float[] y, float[] gradient, int from, int rows, float[] sums, int bias) {
        // Without a ReLU, no value is at or below the bound: a branch would put the vectors on the heap.
        float bound = activation == Activation.RELU ? 0f : Float.NEGATIVE_INFINITY;
        FloatVector coarse = coarse();
        FloatVector sum = load(sums, bias);
        for (int at = from; at < from + rows * PANEL; at += PANEL) {
            FloatVector through = flushed(load(gradient, at), coarse)
                    .blend(0f, load(y, at).compare(VectorOperators.LE, bound));
            through.intoArray(gradient, at);
            sum = sum.add(through);
        }
        sum.intoArray(sums, bias);
    }

    private static void throughTanh(float[] y, float[] gradient, int from, int rows, float[] sums, int bias) {
        FloatVector one = all(1f);
        FloatVector coarse = coarse();
        FloatVector sum = load(sums, bias);
        for (int at = from; at < from + rows * PANEL; at += PANEL) {
            FloatVector tanh = load(y, at);
            FloatVector through = flushed(load(gradient, at).mul(one.sub(tanh.mul(tanh))), coarse);
            through.intoArray(gradient, at);
            sum = sum.add(through);
        }
        sum.intoArray(sums, bias);
    }

    /**
     * Computes dL/dx from dL/dz with the weights of the last {@link #transpose}; rows of dL/dx lie {@code row} floats
     * apart, panels {@code panel} floats apart.
     */
    void inputGradient(float[] gradient, int rows, float[] to, int at, int panel, int row) {
        Gemm.multiply(gradient, ORIGIN, SIZE, outputs, transposed, ORIGIN, outputs * PANEL * PANEL, Gemm.zeros(),
                ORIGIN, 0, SAME, 0, to, at, panel, row, rows, inputs);
    }
}
