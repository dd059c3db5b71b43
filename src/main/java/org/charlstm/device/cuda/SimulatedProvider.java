package org.charlstm.device.cuda;

import java.util.List;
import java.util.Optional;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider;
import org.charlstm.device.Finding;
import org.charlstm.device.cuda.binding.CudaLibraries;
import org.charlstm.device.cuda.context.CudaOptions;

/** Opens the simulated GPU, which runs the GPU's whole path on a processor: for correctness, never for speed. */
public final class SimulatedProvider implements DeviceProvider {
    /** What the simulated driver calls its device. */
    static final String DEVICE_NAME = "charlstm simulated GPU";

    /** For the service loader. */
    public SimulatedProvider() {
    }

    private static CudaLibraries libraries(DeviceOptions options) {
        return CudaProcess.libraries(CudaProcess.Kind.SIMULATED, CudaOptions.of(options).binding());
    }

    @Override
    public String name() {
        return "cudasim";
    }

    @Override
    public List<Option> options() {
        return CudaOptions.ALL;
    }

    @Override
    public boolean precisions() {
        return true;
    }

    @Override
    public Optional<String> unavailable(DeviceOptions options) {
        return CudaFindings.unavailable(() -> libraries(options));
    }

    @Override
    public Optional<String> passedOver(DeviceOptions options) {
        return Optional.of("it is taken only by name");
    }

    @Override
    public List<Finding> findings(DeviceOptions options) {
        return CudaFindings.of(CudaProcess.Kind.SIMULATED, options);
    }

    @Override
    public Device open(DeviceOptions options) {
        return new CudaDevice(name(), libraries(options), options);
    }
}
