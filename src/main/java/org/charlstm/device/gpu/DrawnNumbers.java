package org.charlstm.device.gpu;

import java.util.SplittableRandom;
import org.charlstm.cuda.CudaContext;

/** Numbers for trials, of which the host draws some. */
public final class DrawnNumbers {
    private static final int SEED = 1;
    /** So many are drawn and repeated. A prime, so that they do not repeat along a dimension. */
    private static final int DRAWN = 65_521;

    private DrawnNumbers() {
    }

    /** Writes numbers from -limit to limit over the first so many elements. */
    public static void write(CudaContext context, GpuMatrix to, long count, double limit) {
        int bytes = to.type().bytes();
        int some = (int) Math.min(count, DRAWN);
        new GpuMatrix(1, some, to.type(), to.buffer())
                .write(new SplittableRandom(SEED).doubles(some, -limit, limit).toArray());
        for (long done = some; done < count; done += some) {
            context.driver().copy(to.pointer() + bytes * done, to.pointer(), bytes * Math.min(some, count - done),
                    context.stream());
        }
    }
}
