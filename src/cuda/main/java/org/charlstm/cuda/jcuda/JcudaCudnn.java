package org.charlstm.cuda.jcuda;

import java.util.function.ToIntFunction;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnDropoutDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnRNNDataDescriptor;
import jcuda.jcudnn.cudnnRNNDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.runtime.cudaStream_t;
import org.charlstm.cuda.binding.Cudnn.RnnCall;
import org.charlstm.cuda.binding.CudnnFunctions;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.StatusTable;
import org.charlstm.cuda.panama.CudnnCause;

/**
 * cuDNN 9 through JCuda. Statuses are read as numbers: JCuda's names for them are cuDNN 8's, which cuDNN 9 numbers
 * otherwise.
 */
final class JcudaCudnn extends CudnnFunctions {
    private final CudnnCause lastError;

    JcudaCudnn(LibrarySearch.Found library) {
        super(library.place());
        lastError = new CudnnCause(library);
        JCudnn.setExceptionsEnabled(false);
        version();
    }

    private void check(String call, int status) {
        if (status != 0) {
            throw StatusTable.CUDNN.failure(call, status, JCudnn.cudnnGetErrorString(status), lastError.text());
        }
    }

    /** The address that a call puts into an object. */
    private <T extends NativePointerObject> long made(String call, T object, ToIntFunction<T> create) {
        check(call, create.applyAsInt(object));
        return Address.of(object);
    }

    private static cudnnHandle handle(long handle) {
        return Address.in(new cudnnHandle(), handle);
    }

    private static cudnnDropoutDescriptor dropout(long descriptor) {
        return Address.in(new cudnnDropoutDescriptor(), descriptor);
    }

    private static cudnnRNNDescriptor rnn(long descriptor) {
        return Address.in(new cudnnRNNDescriptor(), descriptor);
    }

    private static cudnnRNNDataDescriptor sequence(long descriptor) {
        return Address.in(new cudnnRNNDataDescriptor(), descriptor);
    }

    private static cudnnTensorDescriptor tensor(long descriptor) {
        return Address.in(new cudnnTensorDescriptor(), descriptor);
    }

    @Override
    public long version() {
        return JCudnn.cudnnGetVersion();
    }

    @Override
    public long create() {
        return made("cudnnCreate", new cudnnHandle(), JCudnn::cudnnCreate);
    }

    @Override
    public void destroy(long handle) {
        check("cudnnDestroy", JCudnn.cudnnDestroy(handle(handle)));
    }

    @Override
    public void setStream(long handle, long stream) {
        check("cudnnSetStream", JCudnn.cudnnSetStream(handle(handle), Address.in(new cudaStream_t(), stream)));
    }

    @Override
    public long dropoutStateBytes(long handle) {
        long[] bytes = new long[1];
        check("cudnnDropoutGetStatesSize", JCudnn.cudnnDropoutGetStatesSize(handle(handle), bytes));
        return bytes[0];
    }

    @Override
    protected long newDropout() {
        return made("cudnnCreateDropoutDescriptor", new cudnnDropoutDescriptor(), JCudnn::cudnnCreateDropoutDescriptor);
    }

    @Override
    protected void setDropout(long dropout, long handle, float rate, long states, long bytes, long seed) {
        check("cudnnSetDropoutDescriptor", JCudnn.cudnnSetDropoutDescriptor(dropout(dropout), handle(handle), rate,
                Address.pointer(states), bytes, seed));
    }

    @Override
    public void destroyDropout(long dropout) {
        check("cudnnDestroyDropoutDescriptor", JCudnn.cudnnDestroyDropoutDescriptor(dropout(dropout)));
    }

    @Override
    protected long newRnn() {
        return made("cudnnCreateRNNDescriptor", new cudnnRNNDescriptor(), JCudnn::cudnnCreateRNNDescriptor);
    }

    @Override
    protected void setRnn(long rnn, int algorithm, int cell, int bias, int direction, int inputMode, int type, int sums,
            int math, int input, int hidden, int projection, int layers, long dropout, int flags) {
        check("cudnnSetRNNDescriptor_v8", JCudnn.cudnnSetRNNDescriptor_v8(rnn(rnn), algorithm, cell, bias, direction,
                inputMode, type, sums, math, input, hidden, projection, layers, dropout(dropout), flags));
    }

    @Override
    public void destroyRnn(long rnn) {
        check("cudnnDestroyRNNDescriptor", JCudnn.cudnnDestroyRNNDescriptor(rnn(rnn)));
    }

    @Override
    public void buildDynamic(long handle, long rnn, int batch) {
        check("cudnnBuildRNNDynamic", JCudnn.cudnnBuildRNNDynamic(handle(handle), rnn(rnn), batch));
    }

    @Override
    protected long newSequence() {
        return made("cudnnCreateRNNDataDescriptor", new cudnnRNNDataDescriptor(), JCudnn::cudnnCreateRNNDataDescriptor);
    }

    @Override
    protected void setSequence(long sequence, int type, int layout, int steps, int batch, int columns, int[] lengths) {
        check("cudnnSetRNNDataDescriptor", JCudnn.cudnnSetRNNDataDescriptor(sequence(sequence), type, layout, steps,
                batch, columns, lengths, null));
    }

    @Override
    public void destroySequence(long sequence) {
        check("cudnnDestroyRNNDataDescriptor", JCudnn.cudnnDestroyRNNDataDescriptor(sequence(sequence)));
    }

    @Override
    protected long newTensor() {
        return made("cudnnCreateTensorDescriptor", new cudnnTensorDescriptor(), JCudnn::cudnnCreateTensorDescriptor);
    }

    @Override
    protected void setTensor(long tensor, int type, int[] sizes, int[] strides) {
        check("cudnnSetTensorNdDescriptor",
                JCudnn.cudnnSetTensorNdDescriptor(tensor(tensor), type, sizes.length, sizes, strides));
    }

    @Override
    protected void destroyTensor(long tensor) {
        check("cudnnDestroyTensorDescriptor", JCudnn.cudnnDestroyTensorDescriptor(tensor(tensor)));
    }

    @Override
    public long weightBytes(long handle, long rnn) {
        long[] bytes = new long[1];
        check("cudnnGetRNNWeightSpaceSize", JCudnn.cudnnGetRNNWeightSpaceSize(handle(handle), rnn(rnn), bytes));
        return bytes[0];
    }

    @Override
    protected long[] weightParams(long handle, long rnn, int layer, long bytes, long base, int gate, long matrixShape,
            long biasShape) {
        Pointer matrix = new Pointer();
        Pointer bias = new Pointer();
        check("cudnnGetRNNWeightParams", JCudnn.cudnnGetRNNWeightParams(handle(handle), rnn(rnn), layer, bytes,
                Address.pointer(base), gate, tensor(matrixShape), matrix, tensor(biasShape), bias));
        return new long[] {Address.of(matrix), Address.of(bias)};
    }

    @Override
    public TemporarySpace temporarySpace(long handle, long rnn, boolean training, long x) {
        long[] work = new long[1];
        long[] reserve = new long[1];
        check("cudnnGetRNNTempSpaceSizes", JCudnn.cudnnGetRNNTempSpaceSizes(handle(handle), rnn(rnn), training ? 1 : 0,
                sequence(x), work, reserve));
        return new TemporarySpace(work[0], reserve[0]);
    }

    @Override
    public void forward(RnnCall call, boolean training, long x, long y, State first, State last) {
        check("cudnnRNNForward", JCudnn.cudnnRNNForward(handle(call.handle()), rnn(call.rnn()), training ? 1 : 0, null,
                sequence(call.x()), Address.pointer(x), sequence(call.y()), Address.pointer(y), tensor(call.h()),
                Address.pointer(first.h()), Address.pointer(last.h()), tensor(call.c()), Address.pointer(first.c()),
                Address.pointer(last.c()), call.weightBytes(), Address.pointer(call.weights()), call.workBytes(),
                Address.pointer(call.work()), call.reserveBytes(), Address.pointer(call.reserve())));
    }

    @Override
    public void backwardData(RnnCall call, long y, long dy, long dx, State first, State lastGradient,
            State firstGradient) {
        check("cudnnRNNBackwardData_v8", JCudnn.cudnnRNNBackwardData_v8(handle(call.handle()), rnn(call.rnn()), null,
                sequence(call.y()), Address.pointer(y), Address.pointer(dy), sequence(call.x()), Address.pointer(dx),
                tensor(call.h()), Address.pointer(first.h()), Address.pointer(lastGradient.h()),
                Address.pointer(firstGradient.h()), tensor(call.c()), Address.pointer(first.c()),
                Address.pointer(lastGradient.c()), Address.pointer(firstGradient.c()), call.weightBytes(),
                Address.pointer(call.weights()), call.workBytes(), Address.pointer(call.work()), call.reserveBytes(),
                Address.pointer(call.reserve())));
    }

    @Override
    public void backwardWeights(RnnCall call, long x, long hx, long y, long gradients) {
        check("cudnnRNNBackwardWeights_v8", JCudnn.cudnnRNNBackwardWeights_v8(handle(call.handle()), rnn(call.rnn()),
                ADD, null, sequence(call.x()), Address.pointer(x), tensor(call.h()), Address.pointer(hx),
                sequence(call.y()), Address.pointer(y), call.weightBytes(), Address.pointer(gradients),
                call.workBytes(), Address.pointer(call.work()), call.reserveBytes(), Address.pointer(call.reserve())));
    }
}
