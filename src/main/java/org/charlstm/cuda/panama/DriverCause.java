package org.charlstm.cuda.panama;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.panama.NativeFunctions.Function;

/** What the simulated GPU found in a kernel, for messages through either binding; NVIDIA's driver says nothing. */
public final class DriverCause {
    /** CUDA_ERROR_ILLEGAL_ADDRESS, LAUNCH_TIMEOUT, ASSERT, HARDWARE_STACK_ERROR, MISALIGNED_ADDRESS, LAUNCH_FAILED. */
    private static final Set<Integer> OF_KERNELS = Set.of(700, 702, 710, 714, 716, 719);
    private static final String SPEAKER = "charlstm sim: ";

    private final Function lastError;

    /** Binds the driver that was found. */
    public DriverCause(LibrarySearch.Found library) {
        lastError = new NativeFunctions(library, (_, _) -> {}).bind("charlstm_sim_last_error",
                FunctionDescriptor.of(NativeFunctions.TEXT));
    }

    /** The first line; empty for a status that no kernel gives, and where nothing is known. */
    public String of(int status) {
        if (!lastError.present() || !OF_KERNELS.contains(status)) {
            return "";
        }
        MemorySegment text = (MemorySegment) lastError.invoke();
        return text.equals(MemorySegment.NULL) ? ""
                : text.getString(0).lines().findFirst().orElse("").replaceFirst("^" + SPEAKER, "");
    }
}
