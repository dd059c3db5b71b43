package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Resources;
import org.charlstm.cuda.RnnDataLayout;
import org.charlstm.cuda.RnnDescription;

/**
 * The functions of cuDNN 9 that charlstm calls for recurrent networks. Default methods create and set descriptors in
 * one call.
 */
@SuppressWarnings("MemberName") // The names are NVIDIA's.
public interface Cudnn extends NvidiaLibrary {
    /** The most time steps of a sequence in {@link #createSequence}, found with cuDNN 9.1.0. */
    int MAX_STEPS = 65_535;
    /** The most elements of a state in {@link #createState}, found with cuDNN 9.1.0. */
    long MAX_STATE = Integer.MAX_VALUE;
    /** Bytes that hold any message. */
    int MESSAGE_LENGTH = 512;
    /** Mode of the input: the input is multiplied by weights. */
    int LINEAR_INPUT = 0;
    /**
     * Mode of biases: a bias for the input and a bias for the recurrence. The persistent algorithms accept no other
     * mode.
     */
    int DOUBLE_BIAS = 2;
    /** The default math mode. */
    int DEFAULT_MATH = 0;
    /** Math mode: tensor cores. */
    int TENSOR_MATH = 1;
    /** Math mode: no tensor cores. */
    int FMA_MATH = 3;
    /**
     * Flag for padded sequences. Without the flag cuDNN treats sequences of different lengths as packed, and computes
     * wrong results.
     */
    int PADDED_IO = 1;
    /** Eight zero bytes: the value of padding in outputs beyond a sequence's end. */
    MemorySegment PADDING = Arena.global().allocate(Long.BYTES, Long.BYTES);
    /** Mode of weight gradients: new gradients are added to the buffer. */
    int ADD = 0;

    /** The version: 10000 x major + 100 x minor + patch. */
    Long cudnnGetVersion();

    Long cudnnGetErrorString(int status) throws CharlstmException;

    Void cudnnGetLastErrorString(MemorySegment text, long length) throws CharlstmException;

    /** A handle, for the current context. */
    long cudnnCreate();

    void cudnnDestroy(long handle);

    void cudnnSetStream(long handle, long stream);

    void cudnnDropoutGetStatesSize(long handle, long[] bytes);

    long cudnnCreateDropoutDescriptor();

    void cudnnSetDropoutDescriptor(long dropout, long handle, float rate, long states, long bytes, long seed);

    void cudnnDestroyDropoutDescriptor(long dropout);

    long cudnnCreateRNNDescriptor();

    void cudnnSetRNNDescriptor_v8(long rnn, int algorithm, int cell, int bias, int direction, int inputMode, int type,
            int sums, int math, int input, int hidden, int projection, int layers, long dropout, int flags);

    void cudnnDestroyRNNDescriptor(long rnn);

    /** Compiles the kernels of {@link org.charlstm.cuda.RnnAlgorithm#PERSIST_DYNAMIC}. */
    void cudnnBuildRNNDynamic(long handle, long rnn, int batch);

    long cudnnCreateRNNDataDescriptor();

    void cudnnSetRNNDataDescriptor(long sequence, int type, int layout, int steps, int batch, int columns,
            int[] lengths, long padding);

    void cudnnDestroyRNNDataDescriptor(long sequence);

    long cudnnCreateTensorDescriptor();

    void cudnnSetTensorNdDescriptor(long tensor, int type, int dimensions, int[] sizes, int[] strides);

    void cudnnDestroyTensorDescriptor(long tensor);

    void cudnnGetRNNWeightSpaceSize(long handle, long rnn, long[] bytes);

    void cudnnGetRNNWeightParams(long handle, long rnn, int layer, long bytes, long base, int gate, long matrixShape,
            long[] matrix, long biasShape, long[] bias);

    void cudnnGetRNNTempSpaceSizes(long handle, long rnn, int training, long x, long[] work, long[] reserve);

    void cudnnRNNForward(long handle, long rnn, int training, long lengths, long shapeX, long x, long shapeY, long y,
            long shapeH, long firstH, long lastH, long shapeC, long firstC, long lastC, long weightBytes, long weights,
            long workBytes, long work, long reserveBytes, long reserve);

    void cudnnRNNBackwardData_v8(long handle, long rnn, long lengths, long shapeY, long y, long dy, long shapeX,
            long dx, long shapeH, long firstH, long lastGradientH, long firstGradientH, long shapeC, long firstC,
            long lastGradientC, long firstGradientC, long weightBytes, long weights, long workBytes, long work,
            long reserveBytes, long reserve);

    void cudnnRNNBackwardWeights_v8(long handle, long rnn, int mode, long lengths, long shapeX, long x, long shapeH,
            long firstH, long shapeY, long y, long weightBytes, long gradients, long workBytes, long work,
            long reserveBytes, long reserve);

    @Override
    default String remedy() {
        return "install cuDNN 9";
    }

    @Override
    default void start() {
        cudnnGetVersion();
    }

    /** The failure with the first line of cuDNN's message on its last error. */
    @Override
    default CudaException failure(String call, int status) {
        String detail = "";
        if (has("cudnnGetLastErrorString")) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment text = arena.allocate(MESSAGE_LENGTH);
                cudnnGetLastErrorString(text, MESSAGE_LENGTH);
                detail = text.getString(0).lines().findFirst().orElse("");
            }
        }
        return StatusTable.CUDNN.failure(call, status,
                has("cudnnGetErrorString") ? NvidiaLibrary.textAt(cudnnGetErrorString(status)) : "", detail);
    }

    /** The version as people write it, for example 9.13.0. */
    default String versionText() {
        long version = cudnnGetVersion();
        return version / 10000 + "." + version / 100 % 100 + "." + version % 100;
    }

    /** Bytes of the random generator's states. */
    default long dropoutStateBytes(long handle) {
        long[] bytes = new long[1];
        cudnnDropoutGetStatesSize(handle, bytes);
        return bytes[0];
    }

    /** A descriptor of dropout; {@code states} is a device pointer, and 0 for a rate of 0. */
    default long createDropout(long handle, float rate, long states, long bytes, long seed) {
        return described(this::cudnnCreateDropoutDescriptor, this::cudnnDestroyDropoutDescriptor,
                dropout -> cudnnSetDropoutDescriptor(dropout, handle, rate, states, bytes, seed));
    }

    /** A descriptor of a network, with linear input and two biases. */
    default long createRnn(RnnDescription description, long dropout) {
        return switch (description.precision()) {
            case FLOAT32 -> createRnn(description, FMA_MATH, dropout);
            case TF32 -> createRnn(description, DEFAULT_MATH, dropout);
            case BF16 -> {
                try {
                    yield createRnn(description, DEFAULT_MATH, dropout);
                } catch (CudaException first) {
                    try {
                        yield createRnn(description, TENSOR_MATH, dropout);
                    } catch (CudaException second) {
                        second.addSuppressed(first);
                        throw second;
                    }
                }
            }
        };
    }

    private long createRnn(RnnDescription of, int math, long dropout) {
        return described(this::cudnnCreateRNNDescriptor, this::cudnnDestroyRNNDescriptor,
                rnn -> cudnnSetRNNDescriptor_v8(rnn, of.algorithm().code(), of.cell().code(), DOUBLE_BIAS,
                        of.bidirectional() ? 1 : 0, LINEAR_INPUT, of.type().cudnnCode(), CudaType.FLOAT32.cudnnCode(),
                        math, of.inputs(), of.units(), of.outputs(), of.layers(), dropout, PADDED_IO));
    }

    /** A descriptor of sequences, one for each length. A pass fills outputs beyond a sequence's end with zeros. */
    default long createSequence(CudaType type, RnnDataLayout layout, int steps, int[] lengths, int columns) {
        return described(this::cudnnCreateRNNDataDescriptor, this::cudnnDestroyRNNDataDescriptor,
                sequence -> cudnnSetRNNDataDescriptor(sequence, type.cudnnCode(), layout.code(), steps,
                        lengths.length, columns, lengths,
                        Arrays.stream(lengths).allMatch(length -> length == steps) ? 0 : PADDING.address()));
    }

    /** A descriptor of a state, (layers, batch, hidden); {@code layers} counts the layers of all directions. */
    default long createState(CudaType type, int layers, int batch, int hidden) {
        return described(this::cudnnCreateTensorDescriptor, this::cudnnDestroyTensorDescriptor,
                state -> cudnnSetTensorNdDescriptor(state, type.cudnnCode(), 3, new int[] {layers, batch, hidden},
                        new int[] {batch * hidden, hidden, 1}));
    }

    /** Creates a descriptor and sets it; destroys the descriptor if that fails. */
    private static long described(LongSupplier create, LongConsumer destroy, LongConsumer set) {
        long descriptor = create.getAsLong();
        try {
            set.accept(descriptor);
            return descriptor;
        } catch (RuntimeException e) {
            throw Resources.closeAfter(e, () -> destroy.accept(descriptor));
        }
    }

    /** Bytes of the weights. */
    default long weightBytes(long handle, long rnn) {
        long[] bytes = new long[1];
        cudnnGetRNNWeightSpaceSize(handle, rnn, bytes);
        return bytes[0];
    }

    /**
     * The offsets of a gate's matrix and bias.
     *
     * @param bytes  from {@link #weightBytes}
     * @param base   a device pointer to {@code bytes} bytes
     * @param layer  from 0; with two directions 2 l is layer l forward, and 2 l + 1 is layer l backward
     * @param gate   cuDNN's linLayerID: for an LSTM 0 to 3 are the input's i, f, c~, o, 4 to 7 the recurrent gates, 8
     *               the projection; for a GRU 0 to 2 and 3 to 5; for Elman cells 0 and 1
     */
    default GateOffsets gateOffsets(long handle, long rnn, int layer, long bytes, long base, int gate) {
        long[] matrix = new long[1];
        long[] bias = new long[1];
        try (Resources shapes = new Resources()) {
            long matrixShape = cudnnCreateTensorDescriptor();
            shapes.add(() -> cudnnDestroyTensorDescriptor(matrixShape));
            long biasShape = cudnnCreateTensorDescriptor();
            shapes.add(() -> cudnnDestroyTensorDescriptor(biasShape));
            cudnnGetRNNWeightParams(handle, rnn, layer, bytes, base, gate, matrixShape, matrix, biasShape, bias);
        }
        return new GateOffsets(offset(matrix[0], base), offset(bias[0], base));
    }

    private static long offset(long address, long base) {
        return address == 0 ? -1 : address - base;
    }

    /** Bytes from the base to a gate's matrix, row-major (hidden, columns), and its bias, (hidden); -1 for none. */
    record GateOffsets(long matrix, long bias) {
    }

    /** The memory that calls need; training calls are followed by a backward pass. */
    default TemporarySpace temporarySpace(long handle, long rnn, boolean training, long x) {
        long[] work = new long[1];
        long[] reserve = new long[1];
        cudnnGetRNNTempSpaceSizes(handle, rnn, training ? 1 : 0, x, work, reserve);
        return new TemporarySpace(work[0], reserve[0]);
    }

    /**
     * Bytes of the workspace, used within a call, and of the reserve space, kept from the forward to the backward pass.
     */
    record TemporarySpace(long work, long reserve) {
    }

    /**
     * The arguments that all calls of a recurrent network and shape share.
     *
     * @param y            from {@link #createSequence}
     * @param h            the descriptor of h, from {@link #createState}
     * @param c            the descriptor of c; the descriptor of h for cells without c
     * @param weights      device pointer to {@code weightBytes} bytes of weights; {@code work} and {@code reserve}
     *                     likewise
     */
    record RnnCall(long handle, long rnn, long x, long y, long h, long c, long weightBytes, long weights,
            long workBytes, long work, long reserveBytes, long reserve) {
    }

    /** Device pointers to h and c, each (layers, batch, hidden) or 0 for none. */
    record State(long h, long c) {
        /** A state of zeros as an input; no state as an output. */
        public static final State NONE = new State(0, 0);
    }

    /** Calls cudnnRNNForward, with device pointers to the data of {@link org.charlstm.cuda.CudnnRnn#forward}. */
    default void forward(RnnCall call, boolean training, long x, long y, State first, State last) {
        cudnnRNNForward(call.handle(), call.rnn(), training ? 1 : 0, 0, call.x(), x, call.y(), y, call.h(), first.h(),
                last.h(), call.c(), first.c(), last.c(), call.weightBytes(), call.weights(), call.workBytes(),
                call.work(), call.reserveBytes(), call.reserve());
    }

    /** Calls cudnnRNNBackwardData_v8, for {@link org.charlstm.cuda.CudnnRnn#backwardData}. */
    default void backwardData(RnnCall call, long y, long dy, long dx, State first, State lastGradient,
            State firstGradient) {
        cudnnRNNBackwardData_v8(call.handle(), call.rnn(), 0, call.y(), y, dy, call.x(), dx, call.h(), first.h(),
                lastGradient.h(), firstGradient.h(), call.c(), first.c(), lastGradient.c(), firstGradient.c(),
                call.weightBytes(), call.weights(), call.workBytes(), call.work(), call.reserveBytes(),
                call.reserve());
    }

    /**
     * Calls cudnnRNNBackwardWeights_v8, for {@link org.charlstm.cuda.CudnnRnn#backwardWeights}; adds to the gradients.
     */
    default void backwardWeights(RnnCall call, long x, long hx, long y, long gradients) {
        cudnnRNNBackwardWeights_v8(call.handle(), call.rnn(), ADD, 0, call.x(), x, call.h(), hx, call.y(), y,
                call.weightBytes(), gradients, call.workBytes(), call.work(), call.reserveBytes(), call.reserve());
    }
}
