package org.charlstm.selftest;

import java.util.List;
import java.util.stream.DoubleStream;
import org.charlstm.cuda.Precision;
import org.charlstm.device.Device;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.reference.ReferenceDevice;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;

/** A scope of memory for trying a device out: buffers with given values, and random values to give. */
public final class TrialMemory implements AutoCloseable {
    private final Device device;
    private final Memory memory;
    private final Precision inputs;

    private TrialMemory(Device device, Precision inputs) {
        this.device = device;
        this.inputs = inputs;
        memory = device.memory();
    }

    /**
     * A scope on a device.
     *
     * @param device stays open when the scope is closed
     */
    public TrialMemory(Device device) {
        this(device, device.precision());
    }

    /** A scope on the oracle. */
    public static TrialMemory oracle() {
        return new TrialMemory(new ReferenceDevice());
    }

    /** A scope on the oracle whose matrices start from the very values that a device of another precision has. */
    public static TrialMemory oracle(Precision inputs) {
        return new TrialMemory(new ReferenceDevice(), inputs);
    }

    /** The device. */
    public Device device() {
        return device;
    }

    /** What the device computes. */
    public Operations operations() {
        return device.operations();
    }

    /** Where the scope's buffers live. */
    public Memory memory() {
        return memory;
    }

    /**
     * A new matrix.
     *
     * @param rows    how many rows
     * @param columns how many columns
     * @param values  rows x columns, or none for zeros
     */
    public Matrix matrix(int rows, int columns, double... values) {
        Matrix matrix = memory.matrix(rows, columns);
        if (values.length > 0) {
            matrix.write(inputs == Precision.BF16
                    ? DoubleStream.of(values).map(TrialMemory::bfloat16).toArray() : values);
        }
        return matrix;
    }

    /** The bf16 below in magnitude: any will do that both devices have. */
    private static double bfloat16(double value) {
        return Float.intBitsToFloat(Float.floatToIntBits((float) value) & 0xffff0000);
    }

    /**
     * A new flat buffer, as parameters have.
     *
     * @return a matrix of one row
     */
    public Matrix flat(double... values) {
        Matrix matrix = memory.flat(values.length);
        matrix.write(values);
        return matrix;
    }

    /** A new vector of integers. */
    public Ints ints(int... values) {
        Ints ints = memory.ints(values.length);
        ints.write(values);
        return ints;
    }

    /**
     * Tensors laid out as the device likes.
     *
     * @param offset  elements of something else before them, zeros
     * @return a matrix of one row
     */
    public Matrix flat(WeightLayout layout, int offset, List<double[]> tensors) {
        double[] values = new double[offset + layout.size()];
        layout.pack(tensors.toArray(double[][]::new), values, offset);
        return flat(values);
    }

    /**
     * Uniform numbers, rounded to float32 so that every device starts from the same.
     *
     * @param scale they lie from -scale to scale
     */
    public static double[] random(int seed, int count, double scale) {
        RandomStream stream = new RandomStream(seed, Purpose.WEIGHTS, 0);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (scale * (2 * stream.uniform() - 1));
        }
        return values;
    }

    /** Whole numbers from 0 on. */
    public static int[] randomIds(int seed, int count, int bound) {
        RandomStream stream = new RandomStream(seed, Purpose.WEIGHTS, 1);
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = stream.below(bound);
        }
        return values;
    }

    /** Frees the buffers. */
    @Override
    public void close() {
        memory.close();
    }
}
