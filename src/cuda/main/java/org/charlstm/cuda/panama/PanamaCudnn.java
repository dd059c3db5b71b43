package org.charlstm.cuda.panama;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.charlstm.cuda.binding.Cudnn.RnnCall;
import org.charlstm.cuda.binding.CudnnFunctions;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.StatusTable;
import org.charlstm.cuda.panama.NativeFunctions.Function;

/** cuDNN 9 through java.lang.foreign. */
final class PanamaCudnn extends CudnnFunctions {
    private final LibrarySearch.Found library;
    @SuppressWarnings("NullAway") // The constructor sets the library first.
    private final NativeFunctions functions = new NativeFunctions(library, this::check);
    private final Function getVersion =
            functions.required(functions.bind("cudnnGetVersion", FunctionDescriptor.of(JAVA_LONG)));
    private final Function errorString =
            functions.bind("cudnnGetErrorString", FunctionDescriptor.of(NativeFunctions.TEXT, JAVA_INT));
    @SuppressWarnings("NullAway") // As above.
    private final CudnnCause lastError = new CudnnCause(library);
    private final Function create = functions.required("cudnnCreate", "p");
    private final Function destroy = functions.required("cudnnDestroy", "l");
    private final Function setStream = functions.required("cudnnSetStream", "ll");
    private final Function dropoutStatesSize = functions.required("cudnnDropoutGetStatesSize", "lp");
    private final Function createDropout = functions.required("cudnnCreateDropoutDescriptor", "p");
    private final Function setDropout = functions.required("cudnnSetDropoutDescriptor", "llflll");
    private final Function destroyDropout = functions.required("cudnnDestroyDropoutDescriptor", "l");
    private final Function createRnn = functions.required("cudnnCreateRNNDescriptor", "p");
    private final Function setRnn = functions.required("cudnnSetRNNDescriptor_v8", "l" + "i".repeat(12) + "li");
    private final Function destroyRnn = functions.required("cudnnDestroyRNNDescriptor", "l");
    private final Function buildDynamic = functions.required("cudnnBuildRNNDynamic", "lli");
    private final Function createSequence = functions.required("cudnnCreateRNNDataDescriptor", "p");
    private final Function setSequence = functions.required("cudnnSetRNNDataDescriptor", "liiiiipp");
    private final Function destroySequence = functions.required("cudnnDestroyRNNDataDescriptor", "l");
    private final Function createTensor = functions.required("cudnnCreateTensorDescriptor", "p");
    private final Function setTensor = functions.required("cudnnSetTensorNdDescriptor", "liipp");
    private final Function destroyTensor = functions.required("cudnnDestroyTensorDescriptor", "l");
    private final Function weightSpaceSize = functions.required("cudnnGetRNNWeightSpaceSize", "llp");
    private final Function weightParams = functions.required("cudnnGetRNNWeightParams", "llillilplp");
    private final Function tempSpaceSizes = functions.required("cudnnGetRNNTempSpaceSizes", "llilpp");
    private final Function forward = functions.required("cudnnRNNForward", "lli" + "l".repeat(17));
    private final Function backwardData = functions.required("cudnnRNNBackwardData_v8", "l".repeat(22));
    private final Function backwardWeights = functions.required("cudnnRNNBackwardWeights_v8", "lli" + "l".repeat(13));

    PanamaCudnn(LibrarySearch.Found library) {
        this.library = library;
        super(library.place());
        functions.requireAll("install cuDNN 9");
    }

    private void check(String call, int status) {
        if (status != 0) {
            String name = errorString.present() ? ((MemorySegment) errorString.invoke(status)).getString(0) : "";
            throw StatusTable.CUDNN.failure(call, status, name, lastError.text());
        }
    }

    @Override
    public long version() {
        return (long) getVersion.invoke();
    }

    @Override
    public long create() {
        return create.longResult();
    }

    @Override
    public void destroy(long handle) {
        destroy.call(handle);
    }

    @Override
    public void setStream(long handle, long stream) {
        setStream.call(handle, stream);
    }

    @Override
    public long dropoutStateBytes(long handle) {
        return size(dropoutStatesSize, handle);
    }

    /** Calls a function whose last argument receives a size. */
    private static long size(Function function, Object... first) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(JAVA_LONG);
            Object[] arguments = Arrays.copyOf(first, first.length + 1);
            arguments[first.length] = bytes;
            function.call(arguments);
            return bytes.get(JAVA_LONG, 0);
        }
    }

    @Override
    protected long newDropout() {
        return createDropout.longResult();
    }

    @Override
    protected void setDropout(long dropout, long handle, float rate, long states, long bytes, long seed) {
        setDropout.call(dropout, handle, rate, states, bytes, seed);
    }

    @Override
    public void destroyDropout(long dropout) {
        destroyDropout.call(dropout);
    }

    @Override
    protected long newRnn() {
        return createRnn.longResult();
    }

    @Override
    protected void setRnn(long rnn, int algorithm, int cell, int bias, int direction, int inputMode, int type, int sums,
            int math, int input, int hidden, int projection, int layers, long dropout, int flags) {
        setRnn.call(rnn, algorithm, cell, bias, direction, inputMode, type, sums, math, input, hidden, projection,
                layers, dropout, flags);
    }

    @Override
    public void destroyRnn(long rnn) {
        destroyRnn.call(rnn);
    }

    @Override
    public void buildDynamic(long handle, long rnn, int batch) {
        buildDynamic.call(handle, rnn, batch);
    }

    @Override
    protected long newSequence() {
        return createSequence.longResult();
    }

    @Override
    protected void setSequence(long sequence, int type, int layout, int steps, int batch, int columns, int[] lengths) {
        try (Arena arena = Arena.ofConfined()) {
            setSequence.call(sequence, type, layout, steps, batch, columns, arena.allocateFrom(JAVA_INT, lengths),
                    MemorySegment.NULL);
        }
    }

    @Override
    public void destroySequence(long sequence) {
        destroySequence.call(sequence);
    }

    @Override
    protected long newTensor() {
        return createTensor.longResult();
    }

    @Override
    protected void setTensor(long tensor, int type, int[] sizes, int[] strides) {
        try (Arena arena = Arena.ofConfined()) {
            setTensor.call(tensor, type, sizes.length, arena.allocateFrom(JAVA_INT, sizes),
                    arena.allocateFrom(JAVA_INT, strides));
        }
    }

    @Override
    protected void destroyTensor(long tensor) {
        destroyTensor.call(tensor);
    }

    @Override
    public long weightBytes(long handle, long rnn) {
        return size(weightSpaceSize, handle, rnn);
    }

    @Override
    protected long[] weightParams(long handle, long rnn, int layer, long bytes, long base, int gate, long matrixShape,
            long biasShape) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment matrix = arena.allocate(JAVA_LONG);
            MemorySegment bias = arena.allocate(JAVA_LONG);
            weightParams.call(handle, rnn, layer, bytes, base, gate, matrixShape, matrix, biasShape, bias);
            return new long[] {matrix.get(JAVA_LONG, 0), bias.get(JAVA_LONG, 0)};
        }
    }

    @Override
    public TemporarySpace temporarySpace(long handle, long rnn, boolean training, long x) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment work = arena.allocate(JAVA_LONG);
            MemorySegment reserve = arena.allocate(JAVA_LONG);
            tempSpaceSizes.call(handle, rnn, training ? 1 : 0, x, work, reserve);
            return new TemporarySpace(work.get(JAVA_LONG, 0), reserve.get(JAVA_LONG, 0));
        }
    }

    @Override
    public void forward(RnnCall call, boolean training, long x, long y, State first, State last) {
        forward.call(call.handle(), call.rnn(), training ? 1 : 0, 0L, call.x(), x, call.y(), y, call.h(), first.h(),
                last.h(), call.c(), first.c(), last.c(), call.weightBytes(), call.weights(), call.workBytes(),
                call.work(), call.reserveBytes(), call.reserve());
    }

    @Override
    public void backwardData(RnnCall call, long y, long dy, long dx, State first, State lastGradient,
            State firstGradient) {
        backwardData.call(call.handle(), call.rnn(), 0L, call.y(), y, dy, call.x(), dx, call.h(), first.h(),
                lastGradient.h(), firstGradient.h(), call.c(), first.c(), lastGradient.c(), firstGradient.c(),
                call.weightBytes(), call.weights(), call.workBytes(), call.work(), call.reserveBytes(),
                call.reserve());
    }

    @Override
    public void backwardWeights(RnnCall call, long x, long hx, long y, long gradients) {
        backwardWeights.call(call.handle(), call.rnn(), ADD, 0L, call.x(), x, call.h(), hx, call.y(), y,
                call.weightBytes(), gradients, call.workBytes(), call.work(), call.reserveBytes(), call.reserve());
    }
}
