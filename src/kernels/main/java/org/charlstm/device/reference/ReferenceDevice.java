package org.charlstm.device.reference;

import java.util.Optional;
import org.charlstm.device.Device;
import org.charlstm.device.Device.Lease;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.host.HostMemory;
import org.charlstm.device.host.Shapes;
import org.charlstm.device.spi.Leases;

/** The oracle as a device: simple double loops on one thread, without any optimisation. */
public final class ReferenceDevice implements Device {
    private final Leases leases = new Leases("device 'reference'");
    private final Operations operations = new ReferenceOperations();

    /** Opens the oracle, which works on every machine. */
    public ReferenceDevice() {
    }

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public String description() {
        return "plain loops in double on one thread";
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
                return new ReferenceMatrix(rows, columns, ReferenceMatrix.doubles((long) rows * columns));
            }
        };
    }

    @Override
    public Operations operations() {
        leases.requireOpen();
        return operations;
    }

    @Override
    public void close() {
        leases.close(() -> {});
    }

    /** Opens the oracle. */
    public static final class Provider implements DeviceProvider {
        /** The module that the CPU device needs; without the module, {@code auto} takes this slow device. */
        private static final String VECTORS = "jdk.incubator.vector";

        @Override
        public String name() {
            return "reference";
        }

        @Override
        public Optional<String> unavailable(DeviceOptions options) {
            return Optional.empty();
        }

        @Override
        public Optional<String> passedOver(DeviceOptions options) {
            return ModuleLayer.boot().findModule(VECTORS).isPresent() ? Optional.of("it is taken only by name")
                    : Optional.empty();
        }

        @Override
        public Device open(DeviceOptions options) {
            return new ReferenceDevice();
        }
    }
}
