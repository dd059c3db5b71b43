package org.charlstm.cuda.binding;

import java.util.Arrays;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.RnnAlgorithm;
import org.charlstm.cuda.RnnDescription;

/**
 * The calls of cuDNN 9's recurrent networks that are used, one method each; descriptors and handles are longs. Every
 * method throws {@link CudaException} when cuDNN reports a status other than 0.
 */
public interface Cudnn {
    /** Time steps of a sequence at most, as cuDNN 9.1.0 answers to {@link #createSequence}. */
    int MAX_STEPS = 65_535;
    /** Elements of a state at most, as cuDNN 9.1.0 answers to {@link #createState}. */
    long MAX_STATE = Integer.MAX_VALUE;

    /** The file that was opened. */
    String place();

    /** cudnnGetVersion: 10000 x major + 100 x minor + patch. */
    long version();

    /** The version as people write it, for example 9.13.0. */
    default String versionText() {
        return versionText(version());
    }

    /** A version, 10000 x major + 100 x minor + patch, as people write it. */
    static String versionText(long version) {
        return version / 10000 + "." + version / 100 % 100 + "." + version % 100;
    }

    /** cudnnCreate: a handle, for the current context. */
    long create();

    /** cudnnDestroy. */
    void destroy(long handle);

    /** cudnnSetStream. */
    void setStream(long handle, long stream);

    /** cudnnDropoutGetStatesSize: bytes of the states of random numbers. */
    long dropoutStateBytes(long handle);

    /**
     * cudnnCreateDropoutDescriptor and cudnnSetDropoutDescriptor.
     *
     * @param rate   what part is dropped; 0 needs no states
     * @param states device pointer to so many bytes; 0 for none
     */
    long createDropout(long handle, float rate, long states, long bytes, long seed);

    /** cudnnDestroyDropoutDescriptor. */
    void destroyDropout(long dropout);

    /** cudnnCreateRNNDescriptor and cudnnSetRNNDescriptor_v8: linear input, two biases. */
    long createRnn(RnnDescription description, long dropout);

    /** cudnnDestroyRNNDescriptor. */
    void destroyRnn(long rnn);

    /**
     * cudnnBuildRNNDynamic.
     *
     * @param rnn    of the algorithm {@link RnnAlgorithm#PERSIST_DYNAMIC}
     */
    void buildDynamic(long handle, long rnn, int batch);

    /**
     * cudnnCreateRNNDataDescriptor and cudnnSetRNNDataDescriptor: (steps, batch, columns), time-major, not packed.
     *
     * @param lengths time steps of each sequence; their number is the batch
     * @param columns vector length
     */
    long createSequence(CudaType type, int steps, int[] lengths, int columns);

    /** The same, every sequence of the same length. */
    default long createSequence(CudaType type, int steps, int batch, int columns) {
        int[] lengths = new int[batch];
        Arrays.fill(lengths, steps);
        return createSequence(type, steps, lengths, columns);
    }

    /** cudnnDestroyRNNDataDescriptor. */
    void destroySequence(long sequence);

    /**
     * cudnnCreateTensorDescriptor and cudnnSetTensorNdDescriptor: the state (layers, batch, hidden).
     *
     * @param layers those of both directions
     */
    long createState(CudaType type, int layers, int batch, int hidden);

    /** cudnnDestroyTensorDescriptor. */
    void destroyState(long state);

    /** cudnnGetRNNWeightSpaceSize: bytes. */
    long weightBytes(long handle, long rnn);

    /**
     * cudnnGetRNNWeightParams: the places of one gate's matrix and bias.
     *
     * @param bytes  from {@link #weightBytes}
     * @param base   a device pointer to so many bytes
     * @param layer  from 0; of two directions 2 l is layer l forward, and 2 l + 1 backward
     * @param gate   cuDNN's linLayerID: of an LSTM 0 to 3 for the input's i, f, c~, o, 4 to 7 for the recurrent ones,
     *               8 for the projection; of a GRU 0 to 2 and 3 to 5; of plain cells 0 and 1
     */
    GateOffsets gateOffsets(long handle, long rnn, int layer, long bytes, long base, int gate);

    /**
     * The places of one gate's weights.
     *
     * @param matrix bytes from the base to a row-major (hidden, columns), or -1 if there is none
     * @param bias   bytes from the base to (hidden), or -1 if there is none
     */
    record GateOffsets(long matrix, long bias) {
    }

    /**
     * cudnnGetRNNTempSpaceSizes.
     *
     * @param training whether a backward pass follows
     */
    TemporarySpace temporarySpace(long handle, long rnn, boolean training, long x);

    /**
     * The memory that calls of one shape need.
     *
     * @param work    bytes used within a call
     * @param reserve bytes kept from forward to backward
     */
    record TemporarySpace(long work, long reserve) {
    }

    /**
     * The arguments that all calls of one recurrent network and shape have in common.
     *
     * @param y            from {@link #createSequence}
     * @param h            the descriptor of h, from {@link #createState}
     * @param c            the descriptor of c; of cells without one that of h
     * @param weights      device pointer to the weights, of so many bytes, as the two spaces are
     */
    record RnnCall(long handle, long rnn, long x, long y, long h, long c, long weightBytes, long weights,
            long workBytes,
            long work, long reserveBytes, long reserve) {
    }

    /** Device pointers to h and c, each (layers, batch, hidden) or 0 for none. */
    record State(long h, long c) {
        /** Zeros, or nothing wanted. */
        public static final State NONE = new State(0, 0);
    }

    /**
     * cudnnRNNForward.
     *
     * @param training whether a backward pass follows
     * @param x        device pointer, (steps, batch, input)
     * @param y        device pointer, receives (steps, batch, hidden)
     * @param first    the state before the first step, zeros where it has none
     * @param last     receives the state after the last step, in other memory than the first
     */
    void forward(RnnCall call, boolean training, long x, long y, State first, State last);

    /**
     * cudnnRNNBackwardData_v8.
     *
     * @param call          as the forward pass had it
     * @param dy            device pointer, (steps, batch, hidden)
     * @param dx            device pointer, receives (steps, batch, input)
     * @param first         as the forward pass had it
     * @param lastGradient  the gradient of the last state, zeros where it has none
     * @param firstGradient receives the gradient of the first state
     */
    void backwardData(RnnCall call, long y, long dy, long dx, State first, State lastGradient, State firstGradient);

    /**
     * cudnnRNNBackwardWeights_v8, which adds: the gradients have to be zero before.
     *
     * @param call      descriptors and spaces, as {@link #backwardData} had them
     * @param gradients device pointer, laid out as the weights
     */
    void backwardWeights(RnnCall call, long x, long hx, long y, long gradients);
}
