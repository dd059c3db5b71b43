package org.charlstm.device.cuda;

import org.charlstm.device.LstmShape;
import org.charlstm.device.cuda.binding.Cudnn;
import org.charlstm.device.cuda.binding.RnnAlgorithm;
import org.charlstm.device.cuda.binding.RnnCall;

/** One algorithm of cuDNN's for one shape: descriptors, workspace and reserve space. */
final class CudnnPass implements AutoCloseable {
    private final CudnnHandle at;
    private final Cudnn cudnn;
    private final RnnAlgorithm algorithm;
    private final boolean training;
    private final long weightBytes;
    private final long rnn;
    private final long x;
    private final long y;
    private final long state;
    private final CudaBuffer work;
    private final CudaBuffer reserve;
    private final Resources resources = new Resources();

    CudnnPass(CudnnHandle at, RnnAlgorithm algorithm, CudnnLstmLayout layout, LstmShape shape) {
        this.at = at;
        this.algorithm = algorithm;
        cudnn = at.cudnn();
        training = shape.training();
        weightBytes = layout.bytes();
        try {
            rnn = cudnn.createRnn(algorithm, at.precision(), layout.bias(), layout.width(), shape.hidden(),
                    shape.layers(), at.dropout());
            resources.add(() -> cudnn.destroyRnn(rnn));
            x = cudnn.createSequence(at.type(), shape.steps(), shape.batch(), layout.width());
            resources.add(() -> cudnn.destroySequence(x));
            y = cudnn.createSequence(at.type(), shape.steps(), shape.batch(), shape.hidden());
            resources.add(() -> cudnn.destroySequence(y));
            state = cudnn.createState(at.type(), shape.layers(), shape.batch(), shape.hidden());
            resources.add(() -> cudnn.destroyState(state));
            if (algorithm == RnnAlgorithm.PERSIST_DYNAMIC) {
                cudnn.buildDynamic(at.handle(), rnn, shape.batch());
            }
            Cudnn.TemporarySpace space = cudnn.temporarySpace(at.handle(), rnn, training, x);
            work = CudaBuffer.uninitialised(at.context(), space.work(), "cuDNN workspace");
            resources.add(work::close);
            reserve = CudaBuffer.uninitialised(at.context(), space.reserve(), "cuDNN reserve space");
            resources.add(reserve::close);
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
    }

    RnnAlgorithm algorithm() {
        return algorithm;
    }

    private RnnCall call(long weights) {
        at.context().driver();
        return new RnnCall(at.handle(), rnn, x, y, state, weightBytes, weights, work.bytes(), work.pointer(),
                training ? reserve.bytes() : 0, training ? reserve.pointer() : 0);
    }

    void forward(long weights, long input, long output, long hx, long hy, long cx, long cy) {
        cudnn.forward(call(weights), training, input, output, hx, hy, cx, cy);
    }

    /** Both halves of the backward pass; the gradients, laid out as the weights, are zero before. */
    void backward(long weights, long input, long output, long outputGradient, long inputGradient, long hx, long cx,
            long gradients) {
        RnnCall call = call(weights);
        cudnn.backwardData(call, output, outputGradient, inputGradient, hx, cx);
        cudnn.backwardWeights(call, input, hx, output, gradients);
    }

    @Override
    public void close() {
        resources.close();
    }
}
