package org.charlstm.device.cuda;

import java.util.List;
import java.util.Optional;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider;
import org.charlstm.device.Finding;

/** Opens the simulated GPU, which runs the GPU's whole path on a processor: for correctness, never for speed. */
public final class SimulatedProvider implements DeviceProvider {
    /** What the simulated driver calls its device. */
    static final String DEVICE_NAME = "charlstm simulated GPU";

    /** For the service loader. */
    public SimulatedProvider() {
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
    public Optional<String> unavailable() {
        return CudaFindings.missing(CudaProcess::simulated);
    }

    @Override
    public Optional<String> passedOver() {
        return unavailable().or(() -> Optional.of("it is taken only by name"));
    }

    @Override
    public List<Finding> findings() {
        return CudaFindings.of(CudaProcess::simulated);
    }

    @Override
    public Device open(DeviceOptions options) {
        return new CudaDevice(name(), CudaProcess.simulated(), options);
    }
}
