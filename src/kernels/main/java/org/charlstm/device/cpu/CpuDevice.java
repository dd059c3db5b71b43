package org.charlstm.device.cpu;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.charlstm.device.Device;
import org.charlstm.device.Device.Lease;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider;
import org.charlstm.device.DeviceProvider.Requirement;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Lanes;
import org.charlstm.device.cpu.tools.MultiplyAdds;
import org.charlstm.device.cpu.tools.Workers;
import org.charlstm.device.host.HostMemory;
import org.charlstm.device.host.Shapes;
import org.charlstm.device.spi.Leases;

/** The processor, through the Vector API. At a given vector width, any number of threads gives identical bits. */
public final class CpuDevice implements Device {
    private final Leases leases = new Leases("device 'cpu'");
    private final Workers workers;
    private final Operations operations;

    public CpuDevice(DeviceOptions options) {
        int threads = options.threads() == 0 ? Runtime.getRuntime().availableProcessors() : options.threads();
        workers = new Workers(threads);
        operations = new CpuOperations(workers);
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String description() {
        return String.format(Locale.ROOT, "%d thread%s, %d-bit vectors, float32", workers.count(),
                workers.count() == 1 ? "" : "s", Lanes.SPECIES.vectorBitSize());
    }

    @Override
    public Lease lease() {
        return leases.lease();
    }

    @Override
    public Memory memory() {
        leases.requireOpen();
        return new HostMemory(leases) {
            @Override
            public Matrix matrix(int rows, int columns) {
                requireOpen();
                Shapes.sizes(rows, columns);
                int stride = Lanes.padded(columns);
                return new CpuMatrix(rows, columns, stride, CpuMatrix.floats((long) rows * stride));
            }
        };
    }

    @Override
    public Operations operations() {
        leases.requireOpen();
        return operations;
    }

    @Override
    public OptionalDouble ceiling() {
        try (Lease _ = lease()) {
            return OptionalDouble.of(MultiplyAdds.ceiling(workers));
        }
    }

    @Override
    public void close() {
        leases.close(workers::close);
    }

    public static final class Provider implements DeviceProvider {
        @Override
        public String name() {
            return "cpu";
        }

        @Override
        public Optional<String> unavailable(DeviceOptions options) {
            return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent() ? Optional.empty()
                    : Optional.of("the JVM was started without --add-modules jdk.incubator.vector, with which it is "
                            + "over 100 times as fast");
        }

        @Override
        public List<Requirement> requirements(DeviceOptions options) {
            return unavailable(options)
                    .<List<Requirement>>map(reason -> List.of(new Requirement("vectors", false, reason)))
                    .orElseGet(() -> List.of(new Requirement("vectors", true, Lanes.SPECIES.vectorBitSize() + " bits"),
                            new Requirement("processors", true, "" + Runtime.getRuntime().availableProcessors())));
        }

        @Override
        public void warmUp() {
            if (Runtime.getRuntime().availableProcessors() > 1) {
                WarmUp.begin();
            }
        }

        @Override
        public Device open(DeviceOptions options) {
            return new CpuDevice(options);
        }
    }
}
