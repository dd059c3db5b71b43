package org.charlstm.device;

import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.DeviceException;
import org.charlstm.cuda.CudaException;

/** A setting of a program; changing its value may resolve a failure of a device. */
public enum DeviceSetting {
    /** The precision of a device: {@link DeviceOptions}. */
    PRECISION,
    /** The engine that runs recurrent layers on a GPU: {@link GpuOptions.Engine}. */
    RNN_ENGINE,
    /** cuDNN's algorithm for recurrent layers: {@link GpuOptions.Algorithm}. */
    CUDNN_ALGORITHM,
    /** The rows of a corpus and their length. */
    CORPUS,
    /** Sequences in a step. */
    BATCH_SIZE,
    /** Units of the layers. */
    UNITS;

    /** The thousands digit of CUDNN_STATUS_NOT_SUPPORTED and its sub-codes, 3000 to 3999. */
    private static final int NOT_SUPPORTED = 3;

    /** The settings to change after a failure: by its own remedies, cuDNN's status or a lack of memory; often none. */
    public static List<DeviceSetting> mending(CharlstmException failure) {
        if (!failure.remedies().isEmpty()) {
            return failure.remedies().stream().filter(DeviceSetting.class::isInstance).map(DeviceSetting.class::cast)
                    .toList();
        }
        if (failure instanceof CudaException call && call.call().startsWith("cudnn")
                && call.status() / 1000 == NOT_SUPPORTED) {
            return List.of(CUDNN_ALGORITHM);
        }
        return failure instanceof DeviceException device && device.outOfMemory() ? List.of(BATCH_SIZE, UNITS)
                : List.of();
    }
}
