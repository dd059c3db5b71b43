package org.charlstm.cuda.panama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.panama.NativeFunctions.Function;

/** cuDNN 9's own words on its last error, for either binding: JCuda has no such function. */
public final class CudnnCause {
    private static final int MESSAGE_LENGTH = 512;

    private final Function lastError;

    /** Binds the cuDNN that was found. */
    public CudnnCause(LibrarySearch.Found library) {
        lastError = new NativeFunctions(library, (_, _) -> {}).bind("cudnnGetLastErrorString",
                FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG));
    }

    /** The first line; empty where it says nothing. */
    public String text() {
        if (!lastError.present()) {
            return "";
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(MESSAGE_LENGTH);
            lastError.invoke(text, (long) MESSAGE_LENGTH);
            return text.getString(0).lines().findFirst().orElse("");
        }
    }
}
