package org.charlstm.cuda.binding;

import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.RnnDescription;

/**
 * The part of a binding of cuDNN that all bindings have in common: descriptors, which one call creates and another
 * sets, and the numbers that they are set to. A binding adds cuDNN's functions, one method each, with the arguments in
 * cuDNN's order. Enumerators have their numbers in cuDNN's documentation.
 */
public abstract class CudnnFunctions implements Cudnn {
    private static final int LINEAR_INPUT = 0;
    /** One for the input and one for the recurrence: the persistent algorithms take no other mode. */
    private static final int DOUBLE_BIAS = 2;
    private static final int DEFAULT_MATH = 0;
    private static final int TENSOR_MATH = 1;
    private static final int FMA_MATH = 3;
    /** Without it cuDNN takes sequences of different lengths for packed ones, and computes something else. */
    private static final int PADDED_IO = 1;
    private static final int TIME_MAJOR_UNPACKED = 0;
    /** Mode of weight gradients: they are added to. */
    protected static final int ADD = 0;

    private final String place;

    /** For bindings, with the file that was opened. */
    protected CudnnFunctions(String place) {
        this.place = place;
    }

    @Override
    public final String place() {
        return place;
    }

    /** cudnnCreateDropoutDescriptor: a descriptor that is not set. */
    protected abstract long newDropout();

    /** cudnnSetDropoutDescriptor. */
    protected abstract void setDropout(long dropout, long handle, float rate, long states, long bytes, long seed);

    /** cudnnCreateRNNDescriptor: a descriptor that is not set. */
    protected abstract long newRnn();

    /** cudnnSetRNNDescriptor_v8. */
    protected abstract void setRnn(long rnn, int algorithm, int cell, int bias, int direction, int inputMode, int type,
            int sums, int math, int input, int hidden, int projection, int layers, long dropout, int flags);

    /** cudnnCreateRNNDataDescriptor: a descriptor that is not set. */
    protected abstract long newSequence();

    /**
     * cudnnSetRNNDataDescriptor without a value for padding.
     *
     * @param columns vector length
     * @param lengths time steps of each sequence
     */
    protected abstract void setSequence(long sequence, int type, int layout, int steps, int batch, int columns,
            int[] lengths);

    /** cudnnCreateTensorDescriptor: a descriptor that is not set. */
    protected abstract long newTensor();

    /**
     * cudnnSetTensorNdDescriptor.
     *
     * @param strides elements from one to the next in each
     */
    protected abstract void setTensor(long tensor, int type, int[] sizes, int[] strides);

    /** cudnnDestroyTensorDescriptor. */
    protected abstract void destroyTensor(long tensor);

    /**
     * cudnnGetRNNWeightParams.
     *
     * @param layer       from 0
     * @param bytes       of all weights
     * @param base        a device pointer to them
     * @param gate        0 to 7
     * @param matrixShape a tensor descriptor, which is set
     * @param biasShape   a tensor descriptor, which is set
     * @return device pointers to the matrix and the bias, 0 for none
     */
    protected abstract long[] weightParams(long handle, long rnn, int layer, long bytes, long base, int gate,
            long matrixShape, long biasShape);

    @Override
    public final long createDropout(long handle, float rate, long states, long bytes, long seed) {
        return described(this::newDropout, this::destroyDropout,
                dropout -> setDropout(dropout, handle, rate, states, bytes, seed));
    }

    @Override
    public final long createRnn(RnnDescription description, long dropout) {
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
        return described(this::newRnn, this::destroyRnn, rnn -> setRnn(rnn, of.algorithm().code(), of.cell().code(),
                DOUBLE_BIAS, of.bidirectional() ? 1 : 0, LINEAR_INPUT, of.type().cudnnCode(),
                CudaType.FLOAT32.cudnnCode(), math, of.inputs(), of.units(), of.outputs(), of.layers(), dropout,
                PADDED_IO));
    }

    @Override
    public final long createSequence(CudaType type, int steps, int[] lengths, int columns) {
        return described(this::newSequence, this::destroySequence, sequence -> setSequence(sequence, type.cudnnCode(),
                TIME_MAJOR_UNPACKED, steps, lengths.length, columns, lengths));
    }

    @Override
    public final long createState(CudaType type, int layers, int batch, int hidden) {
        return described(this::newTensor, this::destroyTensor, state -> setTensor(state, type.cudnnCode(),
                new int[] {layers, batch, hidden}, new int[] {batch * hidden, hidden, 1}));
    }

    @Override
    public final void destroyState(long state) {
        destroyTensor(state);
    }

    @Override
    public final GateOffsets gateOffsets(long handle, long rnn, int layer, long bytes, long base, int gate) {
        long matrixShape = newTensor();
        try {
            long biasShape = newTensor();
            try {
                long[] found = weightParams(handle, rnn, layer, bytes, base, gate, matrixShape, biasShape);
                return new GateOffsets(offset(found[0], base), offset(found[1], base));
            } finally {
                destroyTensor(biasShape);
            }
        } finally {
            destroyTensor(matrixShape);
        }
    }

    private static long offset(long address, long base) {
        return address == 0 ? -1 : address - base;
    }

    /** Creates a descriptor and sets it; one that cannot be set is destroyed. */
    private static long described(LongSupplier create, LongConsumer destroy, LongConsumer set) {
        long descriptor = create.getAsLong();
        try {
            set.accept(descriptor);
            return descriptor;
        } catch (RuntimeException e) {
            try {
                destroy.accept(descriptor);
            } catch (RuntimeException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }
}
