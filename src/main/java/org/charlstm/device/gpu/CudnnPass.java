package org.charlstm.device.gpu;

import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.Cudnn;
import org.charlstm.cuda.Cudnn.RnnCall;
import org.charlstm.cuda.Resources;
import org.charlstm.cuda.RnnAlgorithm;
import org.charlstm.device.Lstm;

/** cuDNN's algorithms for one shape: descriptors, and spaces that live as long as a memory. */
final class CudnnPass implements AutoCloseable {
    private final CudnnHandle at;
    private final Cudnn cudnn;
    private final boolean training;
    private final Lstm.Shape shape;
    private final long weightBytes;
    private final long x;
    private final long y;
    private final long state;
    private final long forward;
    private final long backward;
    private final Cudnn.TemporarySpace needed;
    private final CudaBuffer work;
    private final CudaBuffer reserve;
    private final Resources resources = new Resources();

    /** A pass whose spaces live in a memory. */
    CudnnPass(CudnnHandle at, AlgorithmPair algorithms, CudnnLstmLayout layout, Lstm.Shape shape, GpuMemory memory) {
        this.at = at;
        this.shape = shape;
        cudnn = at.cudnn();
        training = shape.training();
        weightBytes = layout.bytes();
        try {
            x = cudnn.createSequence(at.type(), shape.steps(), shape.batch(), shape.input().columns());
            resources.add(() -> cudnn.destroySequence(x));
            y = cudnn.createSequence(at.type(), shape.steps(), shape.batch(), shape.hidden());
            resources.add(() -> cudnn.destroySequence(y));
            state = cudnn.createState(at.type(), shape.layers().count(), shape.batch(), shape.hidden());
            resources.add(() -> cudnn.destroyState(state));
            forward = network(algorithms.forward());
            backward = !training || algorithms.backward() == algorithms.forward() ? forward
                    : network(algorithms.backward());
            Cudnn.TemporarySpace there = cudnn.temporarySpace(at.handle(), forward, training, x);
            Cudnn.TemporarySpace back = backward == forward ? there
                    : cudnn.temporarySpace(at.handle(), backward, training, x);
            needed = new Cudnn.TemporarySpace(Math.max(there.work(), back.work()),
                    Math.max(there.reserve(), back.reserve()));
            work = memory.forPurpose("cuDNN workspace").workspace(needed.work());
            reserve = memory.forPurpose("cuDNN reserve space").workspace(needed.reserve());
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
    }

    private long network(RnnAlgorithm algorithm) {
        long rnn = cudnn.createRnn(algorithm, at.precision(), shape.input().columns(), shape.hidden(),
                shape.layers().count(), at.dropout());
        resources.add(() -> cudnn.destroyRnn(rnn));
        if (algorithm == RnnAlgorithm.PERSIST_DYNAMIC) {
            cudnn.buildDynamic(at.handle(), rnn, shape.batch());
        }
        return rnn;
    }

    private RnnCall call(long rnn, long weights) {
        at.context().driver();
        return new RnnCall(at.handle(), rnn, x, y, state, weightBytes, weights, needed.work(), work.pointer(),
                training ? needed.reserve() : 0, training ? reserve.pointer() : 0);
    }

    void forward(long weights, long input, long output, long hx, long hy, long cx, long cy) {
        cudnn.forward(call(forward, weights), training, input, output, hx, hy, cx, cy);
    }

    /** Both halves of the backward pass; the gradients, laid out as the weights, are zero before. */
    void backward(long weights, long input, long output, long outputGradient, long inputGradient, long hx, long dhx,
            long cx, long dcx, long gradients) {
        RnnCall call = call(backward, weights);
        cudnn.backwardData(call, output, outputGradient, inputGradient, hx, dhx, cx, dcx);
        cudnn.backwardWeights(call, input, hx, output, gradients);
    }

    @Override
    public void close() {
        resources.close();
    }
}
