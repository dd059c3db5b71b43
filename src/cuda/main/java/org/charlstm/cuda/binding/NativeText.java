package org.charlstm.cuda.binding;

import java.lang.foreign.MemorySegment;

/** Texts that end with a zero. */
final class NativeText {
    private NativeText() {
    }

    /** The text at an address that a library has returned. */
    @SuppressWarnings("restricted")
    static String at(long address) {
        return MemorySegment.ofAddress(address).reinterpret(Long.MAX_VALUE).getString(0);
    }
}
