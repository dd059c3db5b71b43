package org.charlstm.device.cuda;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.charlstm.device.LstmShape;

/** What all that are on trial for a shape read and write: drawn numbers, the same for each, or zeros. */
final class TrialBuffers implements AutoCloseable {
    private static final int SEED = 1;
    /** So many numbers are drawn and repeated. A prime, so that they do not repeat along a dimension. */
    private static final int DRAWN = 65_521;
    /** Of the output so much is compared. */
    private static final int COMPARED = 1 << 16;

    private final CudaContext context;
    private final CudaMemory scratch;
    private final CudnnLstmLayout layout;
    private final boolean training;
    private final CudaBuffer weights;
    private final CudaBuffer gradients;
    private final CudaBuffer x;
    private final CudaBuffer dx;
    private final CudaBuffer y;
    private final CudaBuffer dy;
    private final int compared;

    /**
     * Buffers of their own.
     *
     * @param numbers whether what is computed will be looked at; zeros tell only whether something runs
     */
    TrialBuffers(CudnnHandle at, CudnnLstmLayout layout, LstmShape shape, boolean numbers) {
        context = at.context();
        this.layout = layout;
        training = shape.training();
        long rows = (long) shape.steps() * shape.batch();
        long outputs = rows * shape.hidden();
        compared = (int) Math.min(outputs, COMPARED);
        scratch = new CudaMemory(context, layout.type());
        try {
            weights = filled(layout.elements(), numbers ? 1 / Math.sqrt(shape.hidden()) : 0);
            x = filled(rows * shape.symbols(), numbers ? 1 : 0);
            y = scratch.zeros(layout.type().bytes() * outputs);
            gradients = training ? scratch.zeros(layout.bytes()) : null;
            dx = training ? scratch.zeros(layout.type().bytes() * rows * shape.symbols()) : null;
            dy = training ? filled(outputs, numbers ? 1 : 0) : null;
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

    /** Enqueues a pass forward and, in training, backward. */
    void step(CudnnPass pass) {
        pass.forward(weights.pointer(), x.pointer(), y.pointer(), 0, 0, 0, 0);
        if (training) {
            gradients.zero();
            pass.backward(weights.pointer(), x.pointer(), y.pointer(), dy.pointer(), dx.pointer(), 0, 0,
                    gradients.pointer());
        }
    }

    /** Some of what the last step computed, after waiting for it: of the output, or all gradients. */
    double[] results() {
        if (!training) {
            return new CudaMatrix(1, compared, layout.type(), y).read();
        }
        double[] flat = new CudaMatrix(1, layout.elements(), layout.type(), gradients).read();
        return Stream.of(layout.unpack(flat, 0)).flatMapToDouble(Arrays::stream).toArray();
    }

    /** Waits for what was started. */
    @Override
    public void close() {
        scratch.close();
    }
}
