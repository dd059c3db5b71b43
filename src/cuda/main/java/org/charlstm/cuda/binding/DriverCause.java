package org.charlstm.cuda.binding;

import java.util.Set;
import org.charlstm.cuda.StandIn;

/** A stand-in's finding in a kernel or an image, for messages; NVIDIA's driver gives no such text. */
final class DriverCause {
    /**
     * CUDA_ERROR_INVALID_IMAGE, NO_BINARY_FOR_GPU, INVALID_PTX, NOT_FOUND, then ILLEGAL_ADDRESS, LAUNCH_TIMEOUT,
     * ASSERT, HARDWARE_STACK_ERROR, MISALIGNED_ADDRESS, LAUNCH_FAILED, NOT_SUPPORTED.
     */
    private static final Set<Integer> TOLD = Set.of(200, 209, 218, 500, 700, 702, 710, 714, 716, 719, 801);
    /** The prefix of a finding to remove; the failure's message names the call already. */
    private static final String SPEAKER = "charlstm sim: (cuModule\\w+: )?";

    private DriverCause() {
    }

    /** The finding's first line; empty for another status, or without a finding. */
    static String of(CudaDriver driver, int status) {
        return !TOLD.contains(status) ? ""
                : StandIns.told(driver.library().symbols(), StandIn::lastErrorFunction).orElse("").lines().findFirst()
                        .orElse("").replaceFirst("^" + SPEAKER, "");
    }
}
