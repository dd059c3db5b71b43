package org.charlstm.selftest;

import module java.base;
import org.charlstm.cuda.Precision;
import org.charlstm.device.Device;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.reference.ReferenceDevice;
import org.charlstm.device.spi.ComposedOperations;
import org.charlstm.device.spi.Head;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;

/** Buffers of given and random values on a device. The precision is the tested device's, even on the oracle. */
public record TrialMemory(Device device, Memory memory, Precision precision) implements AutoCloseable {
    /** Elements of a flat buffer before a layer's weights. They must stay untouched. */
    public static final int OFFSET = 32;

    /** A scope on a device; closing the scope leaves the device open. */
    public TrialMemory(Device device) {
        this(device, device.memory(), device.precision());
    }

    /** A scope on the oracle. */
    public static TrialMemory oracle() {
        return new TrialMemory(new ReferenceDevice());
    }

    /** A scope on the oracle whose matrices start from the values that a device of a given precision stores. */
    public static TrialMemory oracle(Precision inputs) {
        Device oracle = new ReferenceDevice();
        return new TrialMemory(oracle, oracle.memory(), inputs);
    }

    /** The operations of the device. */
    public Operations operations() {
        return device.operations();
    }

    /** The device's head with workspaces in this memory; empty if the device has no head for the shape. */
    public Optional<Head> head(Head.Shape shape, int offset) {
        return ComposedOperations.of(device.operations()).flatMap(each -> each.head(memory, shape, offset));
    }

    /** A new matrix of rows x columns values, or of zeros if no values are given. */
    public Matrix matrix(int rows, int columns, double... values) {
        Matrix matrix = memory.matrix(rows, columns);
        if (values.length > 0) {
            matrix.write(precision == Precision.BF16
                    ? DoubleStream.of(values).map(TrialMemory::bfloat16).toArray() : values);
        }
        return matrix;
    }

    /** Rounds to the next bf16 towards zero; any rounding would do, because both devices get the same values. */
    private static double bfloat16(double value) {
        return Float.intBitsToFloat(Float.floatToIntBits((float) value) & 0xffff0000);
    }

    /** A new flat buffer: a matrix of one row, as for parameters. */
    public Matrix flat(double... values) {
        Matrix matrix = memory.flat(values.length);
        matrix.write(values);
        return matrix;
    }

    /** A new vector of doubles. */
    public Doubles doubles(double... values) {
        Doubles doubles = memory.doubles(values.length);
        doubles.write(values);
        return doubles;
    }

    /** A new vector of integers. */
    public Ints ints(int... values) {
        Ints ints = memory.ints(values.length);
        ints.write(values);
        return ints;
    }

    /** A new flat buffer of tensors in the device's layout, after {@code offset} zeros. */
    public Matrix flat(WeightLayout layout, int offset, List<double[]> tensors) {
        double[] values = new double[offset + layout.size()];
        layout.pack(tensors.toArray(double[][]::new), values, offset);
        return flat(values);
    }

    /** Uniform numbers from -scale to scale, rounded to float32, so every device starts from the same values. */
    public static double[] random(int seed, int count, double scale) {
        RandomStream stream = new RandomStream(seed, Purpose.WEIGHTS, 0);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (scale * (2 * stream.uniform() - 1));
        }
        return values;
    }

    /** Uniform integers from 0 to below {@code bound}. */
    public static int[] randomIds(int seed, int count, int bound) {
        RandomStream stream = new RandomStream(seed, Purpose.WEIGHTS, 1);
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = stream.below(bound);
        }
        return values;
    }

    @Override
    public void close() {
        memory.close();
    }
}
