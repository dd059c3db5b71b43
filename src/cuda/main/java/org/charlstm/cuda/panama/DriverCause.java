package org.charlstm.cuda.panama;

import java.util.Set;
import org.charlstm.cuda.StandIn;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.StandIns;

/** A stand-in's finding in a kernel or an image, for messages of both bindings; NVIDIA's driver is silent. */
public final class DriverCause {
    /**
     * CUDA_ERROR_INVALID_IMAGE, NO_BINARY_FOR_GPU, INVALID_PTX, then ILLEGAL_ADDRESS, LAUNCH_TIMEOUT, ASSERT,
     * HARDWARE_STACK_ERROR, MISALIGNED_ADDRESS, LAUNCH_FAILED.
     */
    private static final Set<Integer> TOLD = Set.of(200, 209, 218, 700, 702, 710, 714, 716, 719);
    /** And the call, which the message names already. */
    private static final String SPEAKER = "charlstm sim: (cuModule\\w+: )?";

    private final LibrarySearch.Found library;

    /** For the driver that was found. */
    public DriverCause(LibrarySearch.Found library) {
        this.library = library;
    }

    /** The first line; empty for another status, and where nothing is known. */
    public String of(int status) {
        return !TOLD.contains(status) ? ""
                : StandIns.told(library.symbols(), StandIn::lastErrorFunction).orElse("").lines().findFirst()
                        .orElse("").replaceFirst("^" + SPEAKER, "");
    }
}
