package org.charlstm.device.cuda;

import java.util.Locale;
import java.util.Optional;
import org.charlstm.CharlstmException;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider;
import org.charlstm.device.cuda.binding.CudaDriver;
import org.charlstm.device.cuda.panama.PanamaDriver;

/** Answers for NVIDIA GPUs: it finds them, but this version cannot train on them yet. */
public final class CudaProvider implements DeviceProvider {
    /** For the service loader. */
    public CudaProvider() {
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public Optional<String> unavailable() {
        try {
            CudaDriver driver = new PanamaDriver();
            int version = driver.version();
            return Optional.of(driver.deviceCount() == 0 ? "the GPU driver sees no GPU; check CUDA_VISIBLE_DEVICES"
                    : String.format(Locale.ROOT, "the GPU is (%s, driver for CUDA %d.%d), but charlstm cannot train on "
                            + "it yet; use --device cpu", driver.deviceName(0), version / 1000, version % 1000 / 10));
        } catch (CharlstmException e) {
            return Optional.of(e.getMessage());
        }
    }

    @Override
    public Device open(DeviceOptions options) {
        throw new CharlstmException(unavailable().orElseThrow());
    }
}
