package org.charlstm.device.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.charlstm.CharlstmException;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider;
import org.charlstm.device.Finding;
import org.charlstm.device.cuda.binding.CudaLibraries;
import org.charlstm.device.cuda.context.CudaOptions;

/** Opens NVIDIA GPUs. */
public final class CudaProvider implements DeviceProvider {
    /** For the service loader. */
    public CudaProvider() {
    }

    private static CudaLibraries libraries(DeviceOptions options) {
        return CudaProcess.libraries(CudaProcess.Kind.REAL, CudaOptions.of(options).binding());
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
        return CudaFindings.passedOver(() -> libraries(options));
    }

    @Override
    public List<Finding> findings(DeviceOptions options) {
        List<Finding> findings = new ArrayList<>(CudaFindings.of(CudaProcess.Kind.REAL, options));
        if (passedOver(options).isEmpty()) {
            findings.add(EngineFinding.of(() -> open(options), EngineFinding.LAB));
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
        return new CudaDevice(name(), libraries, options, System::nanoTime);
    }
}
