package org.charlstm.device.gpu;

import java.util.List;
import java.util.Optional;
import org.charlstm.cuda.CudaLibraries;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider;
import org.charlstm.device.DeviceProvider.Requirement;

/** Opens the simulated GPU, which runs the GPU's whole path on a processor: for correctness, never for speed. */
public final class SimulatedProvider implements DeviceProvider {
    /** The simulated driver's name of its device. */
    static final String DEVICE_NAME = "charlstm simulated GPU";

    /** For the service loader. */
    public SimulatedProvider() {
    }

    private static CudaLibraries libraries(DeviceOptions options) {
        return GpuProcess.libraries(GpuProcess.Kind.SIMULATED, options.gpu().binding());
    }

    @Override
    public String name() {
        return "cudasim";
    }

    @Override
    public boolean precisions() {
        return true;
    }

    @Override
    public Optional<String> unavailable(DeviceOptions options) {
        return GpuFindings.unavailable(() -> libraries(options));
    }

    @Override
    public Optional<String> passedOver(DeviceOptions options) {
        return Optional.of("it is taken only by name");
    }

    @Override
    public List<Requirement> requirements(DeviceOptions options) {
        return GpuFindings.of(GpuProcess.Kind.SIMULATED, options);
    }

    @Override
    public Device open(DeviceOptions options) {
        return new GpuDevice(name(), libraries(options), options);
    }
}
