package org.charlstm.device.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaLibraries;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider;
import org.charlstm.device.DeviceProvider.Requirement;

/** Opens NVIDIA GPUs. */
public final class GpuProvider implements DeviceProvider {
    /** For the service loader. */
    public GpuProvider() {
    }

    private static CudaLibraries libraries(DeviceOptions options) {
        return GpuProcess.libraries(GpuProcess.Kind.REAL, options.gpu().binding());
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public boolean numbered() {
        return true;
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
        return GpuFindings.passedOver(() -> libraries(options));
    }

    @Override
    public List<Requirement> requirements(DeviceOptions options) {
        List<Requirement> findings = new ArrayList<>(GpuFindings.of(GpuProcess.Kind.REAL, options));
        if (passedOver(options).isEmpty()) {
            findings.add(GpuFindings.engine(() -> open(options), GpuFindings.LAB));
        }
        return findings;
    }

    @Override
    public Device open(DeviceOptions options) {
        CudaLibraries libraries = libraries(options);
        int count = libraries.driver().deviceCount();
        if (options.number() >= count) {
            throw new CharlstmException("there is no device cuda:" + options.number() + "; the driver sees " + count
                    + " GPU" + (count == 1 ? "" : "s") + ", counted from 0");
        }
        return new GpuDevice(name(), libraries, options, System::nanoTime);
    }
}
