package org.charlstm.device.cuda;

import java.util.Optional;
import org.charlstm.CharlstmException;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider;

/** Answers for NVIDIA GPUs, which this version cannot use yet. */
public final class CudaProvider implements DeviceProvider {
    private static final String REASON = "charlstm 0.1 does not train on GPUs yet; use --device cpu";

    /** For the service loader. */
    public CudaProvider() {
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public Optional<String> unavailable() {
        return Optional.of(REASON);
    }

    @Override
    public Device open(DeviceOptions options) {
        throw new CharlstmException(REASON);
    }
}
