package org.charlstm.device;

import java.util.List;
import java.util.stream.Stream;
import org.charlstm.device.reference.ReferenceDevice;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;
import org.junit.jupiter.api.Assumptions;

/** The same operation set up on one device: buffers with given values, and random values to give. */
public final class Bench implements AutoCloseable {
    private final Device device;
    private final Memory memory;

    public Bench(Device device) {
        this.device = device;
        memory = device.memory();
    }

    /** Every device that this machine has, but the oracle, and the simulated GPU under its own name only. */
    public static Stream<String> devices() {
        return Devices.providers().stream().filter(provider -> provider.unavailable().isEmpty())
                .filter(provider -> !provider.name().equals("cuda") || provider.passedOver().isEmpty())
                .map(DeviceProvider::name).filter(name -> !name.equals("reference"));
    }

    /** Every GPU that this machine has, the simulated one among them; where there is none, the test is skipped. */
    public static Stream<String> gpus() {
        List<String> gpus = devices().filter(name -> name.startsWith("cuda")).toList();
        if (gpus.isEmpty()) {
            Assumptions.abort("no GPU, not even a simulated one: "
                    + Devices.select("cudasim").provider().unavailable().orElseThrow());
        }
        return gpus.stream();
    }

    public static Bench of(String name) {
        return new Bench(Devices.open(name, new DeviceOptions(2)));
    }

    public static Bench oracle() {
        return new Bench(new ReferenceDevice());
    }

    public Device device() {
        return device;
    }

    public Operations operations() {
        return device.operations();
    }

    public Memory memory() {
        return memory;
    }

    public Matrix matrix(int rows, int columns, double... values) {
        Matrix matrix = memory.matrix(rows, columns);
        if (values.length > 0) {
            matrix.write(values);
        }
        return matrix;
    }

    public Ints ints(int... values) {
        Ints ints = memory.ints(values.length);
        ints.write(values);
        return ints;
    }

    /** Tensors laid out as the device likes, after {@code offset} elements of something else. */
    public Matrix flat(WeightLayout layout, int offset, List<double[]> tensors) {
        double[] values = new double[offset + layout.size()];
        layout.pack(tensors.toArray(double[][]::new), values, offset);
        return matrix(1, values.length, values);
    }

    /** Uniform numbers from -scale to scale, rounded to float32 so that every device starts from the same. */
    public static double[] random(int seed, int count, double scale) {
        RandomStream stream = new RandomStream(seed, Purpose.WEIGHTS, 0);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (scale * (2 * stream.uniform() - 1));
        }
        return values;
    }

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
        device.close();
    }
}
