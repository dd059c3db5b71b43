package org.charlstm.kernels;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Doubles;
import org.charlstm.device.Draw;
import org.charlstm.device.Dropout;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.gpu.GpuDevice;
import org.charlstm.device.gpu.GpuProvider;
import org.charlstm.device.gpu.tools.GpuDoubles;
import org.charlstm.device.gpu.tools.GpuInts;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.jspecify.annotations.Nullable;

/**
 * charlstm's own kernels on a program's own GPU and buffers. Calls enqueue work on the GPU's current stream and
 * allocate no device memory; a graph may capture them. Small kernels are methods here. LSTMs (fused for whole
 * sequences, or through cuDNN), the head of two dense layers with the loss, batch normalisation and embeddings keep
 * workspaces, so they are objects: {@link #operations} makes them, and {@link #matrix}, {@link #ints} and
 * {@link #doubles} wrap a program's buffers for them.
 *
 * <p>Buffers of reals are float32, except that activations are bf16 in {@link org.charlstm.cuda.Precision#BF16};
 * weights, their gradients and the states of updates are always float32. Reals must begin at a multiple of 16 bytes;
 * every buffer that is not a view does. A wrong type or size throws an {@link IllegalArgumentException}. Losses and
 * norms use temporary memory of the CudaKernels object: streams that run concurrently need separate objects.
 */
public final class CudaKernels implements AutoCloseable {
    private static final int NORMS = 4;
    /** The bytes that some kernels load at once. */
    private static final int ALIGNMENT = 16;

    private final Cuda gpu;
    private final GpuDevice device;

    private CudaKernels(Cuda gpu, DeviceOptions options) {
        this.gpu = gpu;
        LongSupplier clock = GpuProvider.isSimulated(gpu.properties().name()) ? null : System::nanoTime;
        device = new GpuDevice("kernels", gpu, options, clock);
    }

    /** Loads the kernels on a GPU, in float32; fails if there is no machine code for this GPU. */
    public static CudaKernels on(Cuda gpu) {
        return on(gpu, DeviceOptions.DEFAULT);
    }

    /**
     * Loads the kernels on a GPU.
     *
     * @param options the precision and the engine of LSTMs; the GPU's number and binding are taken from {@code gpu}
     * @throws CharlstmException if there is no machine code for this GPU, or it lacks the precision
     */
    public static CudaKernels on(Cuda gpu, DeviceOptions options) {
        return new CudaKernels(gpu, options);
    }

    /** All operations, on matrices and vectors in this GPU's memory. */
    public Operations operations() {
        return device.operations();
    }

    /** A scope for the workspaces of LSTMs and other objects. */
    public Memory memory() {
        return device.memory();
    }

    /** The first rows x columns elements of a float32 or bf16 buffer, row-major; the program still owns the buffer. */
    public Matrix matrix(CudaBuffer buffer, int rows, int columns) {
        return matrix("the matrix", buffer, rows, columns);
    }

    private Matrix matrix(String what, CudaBuffer buffer, int rows, int columns) {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException(what + " is " + rows + " x " + columns + "; it needs at least 1 x 1");
        }
        require(what, buffer, buffer.type() == CudaType.BFLOAT16 ? CudaType.BFLOAT16 : CudaType.FLOAT32,
                (long) rows * columns);
        if (buffer.pointer() % ALIGNMENT != 0) {
            throw new IllegalArgumentException(what + " must begin at a multiple of " + ALIGNMENT
                    + " bytes, and a view was given that does not; begin it at a multiple of "
                    + ALIGNMENT / buffer.type().bytes() + " elements");
        }
        return new GpuMatrix(rows, columns, buffer.type(), buffer);
    }

    /** A matrix of the same type as another buffer. */
    private Matrix like(CudaBuffer other, String what, CudaBuffer buffer, int rows, int columns) {
        require(what, buffer, other.type(), (long) rows * columns);
        return matrix(what, buffer, rows, columns);
    }

    private Matrix flat(String what, CudaBuffer buffer, int count) {
        require(what, buffer, CudaType.FLOAT32, count);
        return matrix(what, buffer, 1, count);
    }

    /** A buffer of integers as a vector; the program still owns the buffer. */
    public Ints ints(CudaBuffer buffer) {
        return ints("the vector", buffer, Math.toIntExact(buffer.count()));
    }

    private Ints ints(String what, CudaBuffer buffer, int count) {
        require(what, buffer, CudaType.INT32, count);
        return new GpuInts(count, buffer);
    }

    /** A buffer of doubles as a vector; the program still owns the buffer. */
    public Doubles doubles(CudaBuffer buffer) {
        return doubles("the vector", buffer, Math.toIntExact(buffer.count()));
    }

    private Doubles doubles(String what, CudaBuffer buffer, int count) {
        require(what, buffer, CudaType.FLOAT64, count);
        return new GpuDoubles(count, buffer);
    }

    private void require(String what, CudaBuffer buffer, CudaType type, long count) {
        if (buffer.cuda() != gpu) {
            throw new IllegalArgumentException(what + " is a buffer of another Cuda, on GPU " + buffer.cuda().number()
                    + ", than these kernels, on GPU " + gpu.number());
        }
        if (buffer.type() != type || buffer.count() < count) {
            throw new IllegalArgumentException(what + " must have at least " + count + " elements of " + type
                    + ", and a buffer of " + buffer.count() + " of " + buffer.type() + " was given");
        }
    }

    /**
     * Softmax, cross-entropy and its gradient in one pass ({@code kernels/output/cross_entropy.cu}), as
     * {@link Operations#crossEntropy} defines it.
     *
     * @param logits   (M, V), where M is the number of targets
     * @param targets  M ids; -1 for a row that does not count
     * @param count    one element: the divisor that turns the sum of losses into the loss; null without a gradient
     * @param gradient receives dL/dlogits, (M, V); may be the logits; null if it is not wanted
     * @param totals   {@value Operations#TOTALS} elements, added to: sum of losses, hits and rows, then sum of losses
     *                 and rows without padding
     */
    public void crossEntropy(CudaBuffer logits, CudaBuffer targets, @Nullable CudaBuffer count,
            @Nullable CudaBuffer gradient, CudaBuffer totals) {
        Ints ids = ints("the targets", targets, Math.toIntExact(targets.count()));
        int rows = ids.length();
        int symbols = columns("the logits", logits, rows);
        operations().crossEntropy(matrix("the logits", logits, rows, symbols), ids,
                count == null ? null : doubles("the count", count, 1),
                gradient == null ? null : like(logits, "the gradient", gradient, rows, symbols),
                doubles("the totals", totals, Operations.TOTALS));
    }

    private static int columns(String what, CudaBuffer buffer, int rows) {
        if (rows < 1 || buffer.count() % rows != 0) {
            throw new IllegalArgumentException(what + " must be a matrix of " + rows + " rows, and a buffer of "
                    + buffer.count() + " elements was given");
        }
        return Math.toIntExact(buffer.count() / rows);
    }

    /**
     * An update by RMSprop ({@code kernels/update/rms_prop.cu}); the formula is {@link UpdateRule.RmsProp}'s.
     *
     * @param weights     (N), changed
     * @param gradients   (N)
     * @param meanSquares (N), zeros before the first update
     * @param factors     {@link UpdateRule#factors} of several updates, one after the other
     * @param step        one element: the index of this update in the factors
     */
    public void rmsProp(UpdateRule.RmsProp rule, CudaBuffer weights, CudaBuffer gradients, CudaBuffer meanSquares,
            CudaBuffer factors, CudaBuffer step) {
        update(rule, weights, gradients, List.of(meanSquares), factors, step);
    }

    /**
     * An update by Adam or AdamW ({@code kernels/update/adam.cu}); the formula is {@link UpdateRule.Adam}'s.
     *
     * @param weights   (N), changed
     * @param gradients (N)
     * @param means     (N), zeros before the first update
     * @param squares   (N), zeros before the first update
     * @param factors   {@link UpdateRule#factors} of several updates, one after the other
     * @param step      one element: the index of this update in the factors
     */
    public void adam(UpdateRule.Adam rule, CudaBuffer weights, CudaBuffer gradients, CudaBuffer means,
            CudaBuffer squares, CudaBuffer factors, CudaBuffer step) {
        update(rule, weights, gradients, List.of(means, squares), factors, step);
    }

    /**
     * An update by gradient descent ({@code kernels/update/sgd.cu}); the formula is {@link UpdateRule.Sgd}'s.
     *
     * @param weights    (N), changed
     * @param gradients  (N)
     * @param velocities (N), zeros before the first update; null without momentum
     * @param factors    {@link UpdateRule#factors} of several updates, one after the other
     * @param step       one element: the index of this update in the factors
     */
    public void sgd(UpdateRule.Sgd rule, CudaBuffer weights, CudaBuffer gradients, @Nullable CudaBuffer velocities,
            CudaBuffer factors, CudaBuffer step) {
        if ((velocities == null) != (rule.momentum() == 0)) {
            throw new IllegalArgumentException("velocities belong to a momentum, which is " + rule.momentum());
        }
        update(rule, weights, gradients, velocities == null ? List.of() : List.of(velocities), factors, step);
    }

    private void update(UpdateRule rule, CudaBuffer weights, CudaBuffer gradients, List<CudaBuffer> states,
            CudaBuffer factors, CudaBuffer step) {
        int count = Math.toIntExact(gradients.count());
        operations().update(rule, flat("the weights", weights, count), flat("the gradients", gradients, count),
                states.stream().map(state -> flat("the state of the rule", state, count)).toList(),
                doubles("the factors", factors, Math.toIntExact(factors.count())), ints("the step", step, 1));
    }

    /**
     * Measures and limits gradients ({@code kernels/update/squares.cu}, {@code l2_norm.cu} and {@code clip.cu}), as
     * {@link Operations#clip} defines it.
     *
     * @param gradients (N), scaled down if their norm is above the limit
     * @param limit     the limit of the norm, above 0; infinity for none
     * @param bound     the bound of each gradient, above 0; infinity for none
     * @param norms     four elements, as {@link Operations#clip} defines them
     */
    public void clip(CudaBuffer gradients, double limit, double bound, CudaBuffer norms) {
        if (!(limit > 0 && bound > 0)) {
            throw new IllegalArgumentException("the limit is " + limit + " and the bound " + bound
                    + "; both must be above 0, infinity for none");
        }
        operations().clip(flat("the gradients", gradients, Math.toIntExact(gradients.count())), limit, bound,
                doubles("the norms", norms, NORMS));
    }

    /**
     * Drops elements ({@code kernels/layers/dropout.cu}); the backward pass calls it with the gradient as the input.
     *
     * @param dropout the elements to keep: a function of seed, layer and batch
     * @param batch   one element: the batch's number
     * @param rows    M
     * @param input   (M, C)
     * @param output  (M, C); may be the input
     */
    public void dropout(Dropout dropout, CudaBuffer batch, int rows, CudaBuffer input, CudaBuffer output) {
        int columns = columns("the input", input, rows);
        operations().dropout(dropout, ints("the batch", batch, 1), matrix("the input", input, rows, columns),
                like(input, "the output", output, rows, columns));
    }

    /**
     * Draws a symbol for each row ({@code kernels/output/draw.cu}), as {@link Operations#draw} defines it.
     *
     * @param logits    (B, V), where B is the number of sentences
     * @param sentences (B): the numbers of the sentences, which select the random numbers
     * @param position  one element: the position in the sentence, which selects the random numbers too
     * @param drawn     receives B ids
     */
    public void draw(CudaBuffer logits, Draw draw, long seed, CudaBuffer sentences, CudaBuffer position,
            CudaBuffer drawn) {
        int rows = Math.toIntExact(sentences.count());
        operations().draw(matrix("the logits", logits, rows, columns("the logits", logits, rows)), draw, seed,
                ints("the sentences", sentences, rows), ints("the position", position, 1),
                ints("the drawn", drawn, rows));
    }

    /** Unloads the kernels; the GPU and its buffers stay. */
    @Override
    public void close() {
        device.close();
    }
}
