package org.charlstm.device.cuda;

import org.charlstm.device.LstmShape;
import org.charlstm.device.cuda.binding.RnnAlgorithm;

/** A step over zeros in memory of its own: whether cuDNN runs an algorithm, and how fast, is found by trying. */
final class CudnnTrial implements AutoCloseable {
    private final CudaMemory scratch;
    private final CudnnPass pass;
    private final boolean training;
    private final long weights;
    private final CudaBuffer gradients;
    private final long x;
    private final long dx;
    private final long y;
    private final long dy;

    CudnnTrial(CudnnHandle at, RnnAlgorithm algorithm, CudnnLstmLayout layout, LstmShape shape) {
        long rows = (long) at.type().bytes() * shape.steps() * shape.batch();
        training = shape.training();
        scratch = new CudaMemory(at.context(), at.type());
        try {
            pass = new CudnnPass(at, algorithm, layout, shape);
            scratch.own(pass::close);
            weights = scratch.zeros(layout.bytes()).pointer();
            gradients = scratch.zeros(layout.bytes());
            x = scratch.zeros(rows * layout.width()).pointer();
            dx = scratch.zeros(rows * layout.width()).pointer();
            y = scratch.zeros(rows * shape.hidden()).pointer();
            dy = scratch.zeros(rows * shape.hidden()).pointer();
        } catch (RuntimeException e) {
            Resources opened = new Resources();
            opened.add(scratch::close);
            throw opened.closeAfter(e);
        }
    }

    /** Starts forward and, in training, backward. */
    void step() {
        gradients.zero();
        pass.forward(weights, x, y, 0, 0, 0, 0);
        if (training) {
            pass.backward(weights, x, y, dy, dx, 0, 0, gradients.pointer());
        }
    }

    /** Waits for what was started. */
    @Override
    public void close() {
        scratch.close();
    }
}
