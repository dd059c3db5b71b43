package org.charlstm.device.cuda.lstm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.charlstm.device.LstmShape;
import org.charlstm.device.cuda.binding.Cudnn;
import org.charlstm.device.cuda.context.CudaContext;
import org.charlstm.device.cuda.context.Resources;
import org.charlstm.device.cuda.memory.CudaBuffer;
import org.charlstm.device.cuda.memory.CudaMatrix;
import org.charlstm.device.cuda.memory.CudaMemory;
import org.jspecify.annotations.Nullable;

/** What all that are on trial for a shape read and write: drawn numbers, the same for each, or zeros. */
final class TrialBuffers implements AutoCloseable {
    private static final int SEED = 1;
    /** So many numbers are drawn and repeated. A prime, so that they do not repeat along a dimension. */
    private static final int DRAWN = 65_521;
    /** Of the output, and of each gate's matrix and bias, so much is compared. */
    private static final int COMPARED = 4096;
    /** A NaN of float32, and two of bf16. */
    private static final int NAN = 0x7fc07fc0;

    private final CudaContext context;
    private final CudaMemory scratch;
    private final CudnnLstmLayout layout;
    private final CudaBuffer weights;
    private final CudaBuffer x;
    private final CudaBuffer y;
    /** Null in inference. */
    private final @Nullable Backward backward;
    private final long outputs;
    private final CudaMatrix compared;
    private final Map<String, CudaBuffer> spaces = new HashMap<>();

    /** What the backward pass takes and gives. */
    private record Backward(CudaBuffer weightGradients, CudaBuffer dx, CudaBuffer dy) {
    }

    /**
     * Buffers of their own.
     *
     * @param numbers whether what is computed will be looked at; zeros tell only whether something runs
     */
    TrialBuffers(CudnnHandle at, CudnnLstmLayout layout, LstmShape shape, boolean numbers) {
        context = at.context();
        this.layout = layout;
        long rows = shape.rows();
        outputs = rows * shape.hidden();
        scratch = new CudaMemory(context, layout.type());
        try {
            weights = filled(layout.bytes() / layout.type().bytes(), numbers ? 1 / Math.sqrt(shape.hidden()) : 0);
            x = filled(rows * shape.input().columns(), numbers ? 1 : 0);
            y = scratch.zeros(layout.type().bytes() * outputs);
            backward = !shape.training() ? null : new Backward(scratch.zeros(layout.bytes()),
                    scratch.zeros(layout.type().bytes() * rows * shape.input().columns()),
                    filled(outputs, numbers ? 1 : 0));
            compared = scratch.matrix(1, COMPARED * (1 + (backward != null ? 2 * layout.gates().size() : 0)));
        } catch (RuntimeException e) {
            Resources opened = new Resources();
            opened.add(scratch::close);
            throw opened.closeAfter(e);
        }
    }

    /** Numbers from -limit to limit. */
    private CudaBuffer filled(long count, double limit) {
        if (limit == 0) {
            return scratch.zeros(layout.type().bytes() * count);
        }
        int bytes = layout.type().bytes();
        int some = (int) Math.min(count, DRAWN);
        CudaBuffer buffer = scratch.workspace(bytes * count);
        new CudaMatrix(1, some, layout.type(), buffer)
                .write(new SplittableRandom(SEED).doubles(some, -limit, limit).toArray());
        for (long done = some; done < count; done += some) {
            context.driver().copy(buffer.pointer() + bytes * done, buffer.pointer(),
                    bytes * Math.min(some, count - done), context.stream());
        }
        return buffer;
    }

    /** A space that all share, since their steps run one after the other; one that needs more gets one of its own. */
    CudaBuffer space(long bytes, String purpose) {
        CudaBuffer known = spaces.get(purpose);
        if (known == null || known.bytes() < bytes) {
            known = scratch.forPurpose(purpose).workspace(bytes);
            spaces.put(purpose, known);
        }
        return known;
    }

    /** Enqueues a pass forward and, in training, backward. */
    void step(CudnnPass pass) {
        pass.forward(weights.pointer(), x.pointer(), y.pointer(), 0, 0, 0, 0);
        if (backward != null) {
            backward.weightGradients.zero();
            pass.backward(weights.pointer(), x.pointer(), y.pointer(), backward.dy.pointer(), backward.dx.pointer(), 0,
                    0, backward.weightGradients.pointer());
        }
    }

    /** Leaves nothing of another's results: what is not computed anew is NaN. */
    void spoil() {
        context.driver().fill(y.pointer(), NAN, y.bytes() / Integer.BYTES, context.stream());
    }

    /**
     * Some of what the last step computed, after waiting for it: of the output and, in training, of the gradient of
     * each gate's matrix and bias, each by itself, for they are of different sizes.
     */
    List<double[]> results() {
        List<Integer> ends = new ArrayList<>();
        take(ends, y, 0, outputs);
        if (backward != null) {
            long hidden = layout.layers().hidden();
            for (Cudnn.GateOffsets gate : layout.gates()) {
                take(ends, backward.weightGradients, gate.matrix(),
                        hidden * Math.min(layout.layers().inputs(0), hidden));
                take(ends, backward.weightGradients, gate.bias(), hidden);
            }
        }
        double[] all = compared.read();
        return IntStream.range(0, ends.size())
                .mapToObj(i -> Arrays.copyOfRange(all, i == 0 ? 0 : ends.get(i - 1), ends.get(i))).toList();
    }

    /** Copies the first of so many elements from a place, in bytes, behind those taken before. */
    private void take(List<Integer> ends, CudaBuffer from, long place, long count) {
        int taken = ends.isEmpty() ? 0 : ends.getLast();
        int some = (int) Math.min(count, COMPARED);
        context.driver().copy(compared.pointer(taken), from.pointer() + place, (long) layout.type().bytes() * some,
                context.stream());
        ends.add(taken + some);
    }

    /** Waits for what was started. */
    @Override
    public void close() {
        scratch.close();
    }
}
