package org.charlstm.device.gpu;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Resources;
import org.charlstm.device.Lstm;
import org.charlstm.device.Lstm.Input;
import org.jspecify.annotations.Nullable;

/**
 * What all that are on trial for a shape read and write: drawn numbers, the same for each, or zeros. Gradients come
 * back from the first steps only, so that all steps together give those that these give by themselves.
 */
final class TrialBuffers implements AutoCloseable {
    /** Steps at least that are held to the plain kernels; of more than so many each, a part and some of the next. */
    private static final int CHECKED_STEPS = 32;
    private static final int BEYOND_PART = 8;
    private static final int SEED = 1;
    /** Of each step's output, and of each gate of each tensor, so much is compared. */
    private static final int COMPARED = 4096;
    /** A NaN of float32, and two of bf16. */
    private static final int NAN = 0x7fc07fc0;

    private final CudaContext context;
    private final GpuMemory scratch;
    private final Lstm.Shape shape;
    private final GpuMatrix weights;
    /** Ids, or null where the input is numbers. */
    private final @Nullable GpuInts ids;
    private final @Nullable GpuMatrix x;
    private final GpuMatrix y;
    /** Null in inference. */
    private final @Nullable Backward backward;
    private final CudaBuffer compared;
    private final boolean numbers;
    /** Workspaces that those on trial use in turn. */
    private final List<CudaBuffer> spaces = new ArrayList<>();

    /** What the backward pass takes and gives; dx is null for ids. */
    private record Backward(GpuMatrix weightGradients, @Nullable GpuMatrix dx, GpuMatrix dy) {
    }

    /**
     * Buffers of their own.
     *
     * @param numbers whether what is computed will be looked at; zeros tell only whether something runs
     */
    TrialBuffers(CudaContext context, CudaType type, Lstm.Shape shape, boolean numbers) {
        this.context = context;
        this.shape = shape;
        this.numbers = numbers;
        scratch = new GpuMemory(context, type);
        try {
            int rows = shape.rows();
            int columns = shape.input().columns();
            weights = scratch.flat(KernelEngine.layoutOf(shape.layers()).size());
            draw(weights, weights.count(), 1 / Math.sqrt(shape.hidden()));
            ids = shape.input().ids() ? scratch.ints(rows) : null;
            if (ids != null && numbers) {
                ids.write(new SplittableRandom(SEED).ints(rows, 0, columns).toArray());
            }
            x = shape.input().ids() ? null : scratch.matrix(rows, columns);
            if (x != null) {
                draw(x, x.count(), 1);
            }
            y = scratch.matrix(rows, shape.hidden());
            backward = !shape.training() ? null : new Backward(scratch.flat(weights.columns()),
                    x == null ? null : scratch.matrix(rows, columns), scratch.matrix(rows, shape.hidden()));
            compared = scratch.workspace((long) Float.BYTES * 4 * Math.max(COMPARED, shape.hidden()));
        } catch (RuntimeException e) {
            Resources opened = new Resources();
            opened.add(scratch::close);
            throw opened.closeAfter(e);
        }
    }

    /** Writes numbers from -limit to limit over the first so many. */
    private void draw(GpuMatrix to, long count, double limit) {
        if (!numbers) {
            return;
        }
        DrawnNumbers.write(context, to, count, limit);
    }

    /** The shape whose results those of the whole one are held to: its first steps. */
    Lstm.Shape checked() {
        int steps = Math.max(CHECKED_STEPS, Math.ceilDiv(shape.steps(), Parts.MOST) + BEYOND_PART);
        return new Lstm.Shape(shape.layers(), Math.min(shape.steps(), steps), shape.batch(), shape.training());
    }

    /**
     * Memory for one on trial, in which it shares workspaces with the others: nothing is kept there between steps, and
     * their steps run one after the other.
     */
    GpuMemory memory() {
        Set<CudaBuffer> taken = new HashSet<>();
        return new GpuMemory(context, y.type()).withSpaces((bytes, purpose) -> {
            CudaBuffer space = spaces.stream().filter(each -> each.bytes() >= bytes && !taken.contains(each))
                    .min(Comparator.comparingLong(CudaBuffer::bytes)).orElseGet(() -> {
                        CudaBuffer more = scratch.forPurpose(purpose).workspace(bytes);
                        spaces.add(more);
                        return more;
                    });
            taken.add(space);
            return space;
        });
    }

    /**
     * Enqueues a pass forward and, in training, backward, of a shape that may have fewer steps.
     *
     * @param head what takes the output between them; null for nothing
     */
    void step(Lstm lstm, Lstm.Shape of, @Nullable TrialHead head) {
        Input input = input(of);
        GpuMatrix output = rows(y, of);
        // As in training: in parts, if it has any.
        lstm.forward(weights, input, null, output, part -> {
            if (head != null) {
                head.run(output, part);
            }
        });
        if (head != null) {
            head.finish();
        }
        if (backward != null) {
            lstm.backward(weights, input, output, rows(backward.dy, of),
                    backward.dx == null ? null : rows(backward.dx, of), backward.weightGradients);
        }
    }

    private Input input(Lstm.Shape of) {
        return ids != null ? new Input.Ids(new GpuInts(of.rows(), ids.buffer()))
                : new Input.Dense(rows(Objects.requireNonNull(x, "numbers where there are no ids"), of));
    }

    private static GpuMatrix rows(GpuMatrix all, Lstm.Shape of) {
        return new GpuMatrix(of.rows(), all.columns(), all.type(), all.buffer());
    }

    /** Leaves nothing of another's results, so that what is not computed anew is NaN, and no use of dL/dh. */
    void prepare() {
        spoil(y);
        if (backward != null) {
            spoil(backward.weightGradients);
            if (backward.dx != null) {
                spoil(backward.dx);
            }
            backward.dy.buffer().zero();
            draw(backward.dy, (long) checked().rows() * shape.hidden(), 1);
        }
    }

    private void spoil(GpuMatrix matrix) {
        context.driver().fill(matrix.pointer(), NAN, matrix.buffer().bytes() / Integer.BYTES, context.stream());
    }

    /**
     * Some of what the last step computed, after waiting for it: of the output, of the gradients of the input and of
     * each gate of each tensor, each by itself, for they are of different sizes.
     */
    List<double[]> results() {
        List<double[]> results = new ArrayList<>();
        for (int t = 0; t < checked().steps(); t++) {
            results.add(read(y, t * step(), (int) Math.min(step(), COMPARED)));
        }
        if (backward != null) {
            if (backward.dx != null) {
                results.add(read(backward.dx, 0,
                        (int) Math.min((long) checked().rows() * backward.dx.columns(), COMPARED)));
            }
            int at = 0;
            for (int l = 0; l < shape.layers().count(); l++) {
                KernelLstmLayout layout = KernelEngine.layoutOf(shape.layers(), l);
                GpuMatrix gradients = backward.weightGradients;
                gates(results, gradients, at, layout.inputs(), layout);
                gates(results, gradients, at + layout.recurrentOffset(), layout.hidden(), layout);
                gates(results, gradients, at + layout.biasOffset(), 1, layout);
                at += layout.size();
            }
        }
        return results;
    }

    /** Of a tensor's first rows each gate's columns. */
    private void gates(List<double[]> results, GpuMatrix gradients, int at, int rows, KernelLstmLayout layout) {
        int hidden = layout.hidden();
        int some = Math.clamp(COMPARED / hidden, 1, rows);
        double[] read = read(gradients, at, some * layout.width());
        for (int g = 0; g < 4; g++) {
            int first = g * hidden;
            results.add(IntStream.range(0, some * hidden)
                    .mapToDouble(i -> read[i / hidden * layout.width() + first + i % hidden]).toArray());
        }
    }

    /** So many elements from one on, after all that was enqueued. */
    private double[] read(GpuMatrix from, long first, int some) {
        context.driver().copy(compared.pointer(), from.pointer() + from.type().bytes() * first,
                (long) from.type().bytes() * some, context.stream());
        return new GpuMatrix(1, some, from.type(), compared).read();
    }

    /** Whether the last step's output is what an LSTM can give, which NaN is not. */
    boolean endsInRange() {
        int some = (int) Math.min(step(), COMPARED);
        for (double h : read(y, y.count() - some, some)) {
            if (!(Math.abs(h) <= 1)) {
                return false;
            }
        }
        return true;
    }

    /** Elements of the output of a step. */
    private long step() {
        return (long) shape.batch() * shape.hidden();
    }

    /** Waits for what was started. */
    @Override
    public void close() {
        scratch.close();
    }
}
