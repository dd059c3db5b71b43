package org.charlstm.cuda.panama;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.panama.NativeFunctions.Function;

/** The simulated GPU's finding in a kernel or an image, for messages of both bindings; NVIDIA's driver is silent. */
public final class DriverCause {
    /**
     * CUDA_ERROR_INVALID_IMAGE, NO_BINARY_FOR_GPU, INVALID_PTX, then ILLEGAL_ADDRESS, LAUNCH_TIMEOUT, ASSERT,
     * HARDWARE_STACK_ERROR, MISALIGNED_ADDRESS, LAUNCH_FAILED.
     */
    private static final Set<Integer> TOLD = Set.of(200, 209, 218, 700, 702, 710, 714, 716, 719);
    /** And the call, which the message names already. */
    private static final String SPEAKER = "charlstm sim: (cuModule\\w+: )?";

    private final Function lastError;

    /** Binds the driver that was found. */
    public DriverCause(LibrarySearch.Found library) {
        lastError = new NativeFunctions(library, (_, _) -> {}).bind("charlstm_sim_last_error",
                FunctionDescriptor.of(NativeFunctions.TEXT));
    }

    /** The first line; empty for another status, and where nothing is known. */
    public String of(int status) {
        if (!lastError.present() || !TOLD.contains(status)) {
            return "";
        }
        MemorySegment text = (MemorySegment) lastError.invoke();
        return text.equals(MemorySegment.NULL) ? ""
                : text.getString(0).lines().findFirst().orElse("").replaceFirst("^" + SPEAKER, "");
    }
}
