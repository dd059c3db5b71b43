package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.CpuRnnLayer.ROWS;
import static org.charlstm.device.cpu.Lanes.COUNT;
import static org.charlstm.device.cpu.Lanes.ORIGIN;
import static org.charlstm.device.cpu.Lanes.PANEL;
import static org.charlstm.device.cpu.Lanes.load;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * An LSTM layer's backward pass, shard by shard like the forward one, or with threads that share each shard: step by
 * step through the gates, and then each with its columns of the weights' gradients. Each shard has gradients of its
 * own, which are summed in shard order at the end.
 */
final class CpuRnnBackward {
    private final Workers workers;
    private final CpuRnnLayer lstm;
    private final CpuRnnLayout layout;
    private final int stride;
    /** The recurrent kernel transposed, in panels of the hidden units. */
    private final float[] transposed;
    /** The kernel likewise, in panels of the input's columns; empty if that is ids. */
    private final float[] transposedKernel;
    private final WeightGradients weightGradients;
    /** dL/dh and dL/dc of one step: for each shard, in panels like one gate. */
    private final float[] hiddenGradients;
    private final float[] cellGradients;
    private final Workers.Shard transposePanel = this::transposePanel;
    private final Workers.Shard backwardShard = this::backwardShard;
    private final Workers.Shard backwardPart = this::backwardPart;
    private final Workers.Shard gradientPart = this::gradientPart;
    private float[] weights = {};
    private float[] outputGradient = {};
    private float[] inputGradient = {};
    private int step;

    CpuRnnBackward(Workers workers, CpuRnnLayer lstm) {
        this.workers = workers;
        this.lstm = lstm;
        layout = lstm.layout;
        stride = lstm.stride;
        transposed = CpuMatrix.floats((long) layout.width() * stride);
        transposedKernel = CpuMatrix.floats((long) layout.width() * layout.inputStride());
        weightGradients = new WeightGradients(workers, lstm);
        hiddenGradients = CpuMatrix.floats((long) lstm.shape.batch() * stride);
        cellGradients = CpuMatrix.floats((long) lstm.shape.batch() * stride);
    }

    /** Takes what forward took and dL/dh; gives all gradients, that of the input unless it is ids. */
    void run(float[] flatWeights, int[] inputs, float[] rows, float[] hidden, float[] hiddenGradient,
            float[] flatGradients, float[] rowsGradient) {
        weights = flatWeights;
        weightGradients.over(inputs, rows, hidden);
        outputGradient = hiddenGradient;
        inputGradient = rowsGradient;
        workers.run(layout.panels(), transposePanel);
        if (lstm.parts == 1) {
            workers.run(lstm.shards(), backwardShard);
        } else {
            for (int shard = 0; shard < lstm.shards(); shard++) {
                begin(shard);
            }
            for (step = lstm.shape.steps() - 1; step >= 0; step--) {
                workers.run(lstm.shards() * lstm.parts, backwardPart);
            }
            workers.run(lstm.shards() * lstm.parts, gradientPart);
        }
        weightGradients.into(flatGradients);
    }

    /** After {@link #run}, the gradients of the state before the first step, in its rows from {@code stateRow} on. */
    void toState(float[] hidden, float[] cell, int stateRow) {
        for (int shard = 0; shard < lstm.shards(); shard++) {
            int rows = lstm.rows(shard);
            int first = ORIGIN + shard * ROWS * stride;
            Arrays.fill(hiddenGradients, first, first + rows * stride, 0f);
            hiddenGradient(lstm.gatesAt(shard, 0), first, rows, 0, stride / PANEL);
            Panels.unpack(hiddenGradients, first, rows, hidden, first + stateRow * stride, stride);
            Panels.unpack(cellGradients, first, rows, cell, first + stateRow * stride, stride);
        }
    }

    private void transposePanel(int q) {
        transposePanel(lstm.offset + layout.recurrentOffset() + q * layout.panelSize(), lstm.shape.hidden(), q,
                transposed);
        if (!layout.ids()) {
            transposePanel(lstm.offset + q * layout.kernelPanelSize(), layout.inputs(), q, transposedKernel);
        }
    }

    private void transposePanel(int from, int rows, int q, float[] into) {
        for (int k = 0; k < rows; k++) {
            int to = ORIGIN + k / PANEL * layout.width() * PANEL + q * PANEL * PANEL + k % PANEL;
            for (int j = 0; j < PANEL; j++) {
                into[to + j * PANEL] = weights[from + k * PANEL + j];
            }
        }
    }

    private void backwardShard(int shard) {
        begin(shard);
        for (int t = lstm.shape.steps() - 1; t >= 0; t--) {
            throughStep(shard, t, 0, stride / PANEL);
            backOf(shard, t, 0, stride / PANEL, 0, layout.inputStride() / PANEL);
        }
    }

    private void backwardPart(int task) {
        throughStep(task / lstm.parts, step, lstm.firstPanel(task), lstm.endPanel(task));
    }

    private void gradientPart(int task) {
        int inputPanels = layout.inputStride() / PANEL;
        int part = task % lstm.parts;
        for (int t = lstm.shape.steps() - 1; t >= 0; t--) {
            backOf(task / lstm.parts, t, lstm.firstPanel(task), lstm.endPanel(task), inputPanels * part / lstm.parts,
                    inputPanels * (part + 1) / lstm.parts);
        }
    }

    private void begin(int shard) {
        int first = ORIGIN + shard * ROWS * stride;
        weightGradients.clear(shard);
        Arrays.fill(cellGradients, first, first + lstm.rows(shard) * stride, 0f);
    }

    /**
     * Replaces one step's gates by the gradients of their sums, and steps the cells' gradients back, for the units of
     * the panels {@code from} to {@code to} - 1.
     */
    private void throughStep(int shard, int t, int from, int to) {
        int rows = lstm.rows(shard);
        int size = rows * stride;
        int skipped = from * rows * PANEL;
        int count = (to - from) * rows * PANEL;
        int first = ORIGIN + shard * ROWS * stride;
        int gates = lstm.gatesAt(shard, t) + skipped;
        Arrays.fill(hiddenGradients, first + skipped, first + skipped + count, 0f);
        if (t < lstm.shape.steps() - 1) {
            hiddenGradient(lstm.gatesAt(shard, t + 1), first + skipped, rows, from, to);
        }
        for (int panel = from; panel < to; panel++) {
            addRows(first + t * lstm.shape.batch() * stride + panel * PANEL, first + panel * rows * PANEL, rows);
        }
        Activations.tanh(lstm.cells, lstm.cellsAt(shard, t + 1) + skipped, lstm.tanhCells, first + skipped, count);
        int cells = lstm.cellsAt(shard, t) + skipped;
        lstm.activation.backward(lstm, gates, size, cells, hiddenGradients, cellGradients, first + skipped,
                count);
    }

    /** Adds a step's gradients of the weights and the input, in a share of their panels. */
    private void backOf(int shard, int t, int from, int to, int firstOfInput, int endOfInput) {
        if (firstOfInput < endOfInput) {
            inputGradient(lstm.gatesAt(shard, t),
                    ORIGIN + (shard * ROWS + t * lstm.shape.batch()) * layout.inputStride(), lstm.rows(shard),
                    firstOfInput, endOfInput);
        }
        weightGradients.add(shard, t, 4 * from, 4 * to);
    }

    /** Adds the output's gradient to dL/dh for one panel of units, from rows to panels. */
    private void addRows(int from, int to, int rows) {
        for (int r = 0; r < rows; r++) {
            for (int half = 0; half < PANEL; half += COUNT) {
                int at = to + r * PANEL + half;
                load(outputGradient, from + r * stride + half).add(load(hiddenGradients, at))
                        .intoArray(hiddenGradients, at);
            }
        }
    }

    /** The input's gradient at one step: the gates' gradients times the transposed kernel. */
    private void inputGradient(int gatesFrom, int to, int rows, int firstPanel, int endPanel) {
        for (int r = 0; r < rows; r++) {
            int row = to + r * layout.inputStride();
            Arrays.fill(inputGradient, row + firstPanel * PANEL, row + endPanel * PANEL, 0f);
        }
        Gemm.multiply(lstm.gates, gatesFrom, rows * PANEL, layout.panels(), transposedKernel,
                ORIGIN + firstPanel * layout.width() * PANEL, layout.width() * PANEL, inputGradient,
                to + firstPanel * PANEL, PANEL, layout.inputStride(), rows, endPanel - firstPanel);
    }

    /** dL/dh: the gradients of the next step's gates times the transposed recurrent kernel. */
    private void hiddenGradient(int gatesFrom, int to, int rows, int firstPanel, int endPanel) {
        Gemm.multiply(lstm.gates, gatesFrom, rows * PANEL, layout.panels(), transposed,
                ORIGIN + firstPanel * layout.width() * PANEL, layout.width() * PANEL, hiddenGradients, to,
                rows * PANEL, PANEL, rows, endPanel - firstPanel);
    }

    /** The gradients of an LSTM layer's weights, from those of the gates' sums; each shard sums its own. */
    private static final class WeightGradients {
        /** Rows whose share of a kernel's gradient is one product: enough to pay, few enough for the cache. */
        private static final int BLOCK = 128;

        private final CpuRnnLayer lstm;
        private final CpuRnnLayout layout;
        private final int stride;
        private final ShardSums sums;
        /** A block of h or of the input, transposed, and one of a panel of the gates; each thread's own. */
        private final ThreadLocal<float[]> transposed;
        private final ThreadLocal<float[]> gatesBlock;
        private int[] ids = {};
        private float[] numbers = {};
        private float[] output = {};

        WeightGradients(Workers workers, CpuRnnLayer lstm) {
            this.lstm = lstm;
            layout = lstm.layout;
            stride = lstm.stride;
            sums = new ShardSums(workers, lstm.shards(), layout.size());
            transposed = Panels.place(BLOCK, Math.max(stride, layout.inputStride()));
            gatesBlock = Panels.place(BLOCK, PANEL);
        }

        /** Takes what forward took, ids or numbers; and h. */
        void over(int[] inputs, float[] rows, float[] hidden) {
            ids = inputs;
            numbers = rows;
            output = hidden;
        }

        void clear(int shard) {
            Arrays.fill(sums.of(shard), 0f);
        }

        /**
         * Adds what a step gives, in the panels {@code first} to {@code end} - 1 of the gates. The recurrent kernel's
         * comes for a block of steps at a time.
         */
        void add(int shard, int t, int first, int end) {
            int rows = lstm.rows(shard);
            int gates = lstm.gatesAt(shard, t);
            float[] partial = sums.of(shard);
            if (layout.ids()) {
                scatter(gates, t * lstm.shape.batch() + shard * ROWS, rows, partial, first, end);
            } else {
                sumBias(gates, rows, partial, first, end);
            }
            int block = BLOCK / rows;
            if (t % block == 0) {
                int blockEnd = Math.min(lstm.shape.steps(), t + block);
                recurrentGradient(shard, t, blockEnd, partial, first, end);
                if (!layout.ids()) {
                    kernelGradient(shard, t, blockEnd, partial, first, end);
                }
            }
        }

        void into(float[] flat) {
            sums.into(flat, lstm.offset);
            if (layout.ids()) {
                sumBias(flat);
            }
        }

        /** The kernel's gradient: each row adds to the row of its id. */
        private void scatter(int gatesFrom, int id, int rows, float[] partial, int firstPanel, int endPanel) {
            for (int r = 0; r < rows; r++) {
                int to = ORIGIN + ids[id + r] * layout.width();
                for (int q = firstPanel; q < endPanel; q++) {
                    int from = gatesFrom + (q * rows + r) * PANEL;
                    int at = to + q * PANEL;
                    load(partial, at).add(load(lstm.gates, from)).intoArray(partial, at);
                    load(partial, at + COUNT).add(load(lstm.gates, from + COUNT)).intoArray(partial, at + COUNT);
                }
            }
        }

        /** The bias' gradient where no one-hot input gives it: the sum of the rows. */
        private void sumBias(int gatesFrom, int rows, float[] partial, int firstPanel, int endPanel) {
            for (int q = firstPanel; q < endPanel; q++) {
                int at = ORIGIN + layout.biasOffset() + q * PANEL;
                FloatVector sum0 = load(partial, at);
                FloatVector sum1 = load(partial, at + COUNT);
                for (int r = 0; r < rows; r++) {
                    int from = gatesFrom + (q * rows + r) * PANEL;
                    sum0 = sum0.add(load(lstm.gates, from));
                    sum1 = sum1.add(load(lstm.gates, from + COUNT));
                }
                sum0.intoArray(partial, at);
                sum1.intoArray(partial, at + COUNT);
            }
        }

        /** The kernel's gradient of steps {@code from} to {@code to} - 1: the input, transposed, times gates. */
        private void kernelGradient(int shard, int from, int to, float[] partial, int firstPanel, int endPanel) {
            int rows = lstm.rows(shard);
            float[] a = transposed.get();
            for (int t = from; t < to; t++) {
                Panels.packTransposed(numbers, rowsAt(shard, t, layout.inputStride()), layout.inputStride(), rows, a,
                        (t - from) * rows);
            }
            addProduct(a, layout.inputStride(), shard, from, to, partial, 0, firstPanel, endPanel);
        }

        /** The same of the recurrent kernel: h of the step before, transposed, times gates. */
        private void recurrentGradient(int shard, int from, int to, float[] partial, int firstPanel, int endPanel) {
            int rows = lstm.rows(shard);
            int start = from == 0 && lstm.startsAtZero() ? 1 : from;
            float[] a = transposed.get();
            for (int t = start; t < to; t++) {
                Panels.packTransposed(t == 0 ? lstm.firstHidden : output, rowsAt(shard, Math.max(0, t - 1), stride),
                        stride, rows, a, (t - start) * rows);
            }
            addProduct(a, stride, shard, start, to, partial, layout.recurrentOffset(), firstPanel, endPanel);
        }

        private int rowsAt(int shard, int t, int width) {
            return ORIGIN + (t * lstm.shape.batch() + shard * ROWS) * width;
        }

        /** Adds the product of what was packed, rows of a width, and the gates of some steps. */
        private void addProduct(float[] a, int width, int shard, int from, int to, float[] partial, int kernel,
                int firstPanel, int endPanel) {
            int rows = lstm.rows(shard);
            int depth = (to - from) * rows;
            int panels = Math.ceilDiv(depth, PANEL);
            Panels.endTransposed(a, width, depth);
            float[] b = gatesBlock.get();
            Arrays.fill(b, ORIGIN + depth * PANEL, ORIGIN + panels * PANEL * PANEL, 0f);
            for (int q = firstPanel; q < endPanel; q++) {
                for (int t = from; t < to; t++) {
                    System.arraycopy(lstm.gates, lstm.gatesAt(shard, t) + q * rows * PANEL, b,
                            ORIGIN + (t - from) * rows * PANEL, rows * PANEL);
                }
                Gemm.multiply(a, ORIGIN, width * PANEL, panels, b, ORIGIN, 0, partial,
                        ORIGIN + kernel + q * width * PANEL, 0, PANEL, width, 1);
            }
        }

        /** Each input is one-hot, so the bias' gradient is the sum of the kernel's rows. */
        private void sumBias(float[] flat) {
            int bias = lstm.offset + layout.biasOffset();
            Arrays.fill(flat, bias, bias + layout.width(), 0f);
            for (int v = 0; v < layout.inputs(); v++) {
                for (int j = 0; j < layout.width(); j += COUNT) {
                    load(flat, bias + j).add(load(flat, lstm.offset + v * layout.width() + j))
                            .intoArray(flat, bias + j);
                }
            }
        }
    }
}
