package org.charlstm.cuda.binding;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import module java.base;
import org.charlstm.cuda.CompilationException;
import org.charlstm.cuda.CudaException;

/** Links machine code by the driver. It resolves functions and variables that a text declares and another defines. */
public final class DriverLink {
    private static final int CUBIN = 0;
    /** The options for the linker's error log: its address, and its size in bytes. */
    private static final int[] OPTIONS = {5, 6};
    private static final long LOG_BYTES = 1 << 14;

    private final CudaDriver driver;

    /** Makes a linker that links in the current context. */
    public DriverLink(CudaDriver driver) {
        this.driver = driver;
    }

    /**
     * Links parts to an image.
     *
     * @param parts CUBINs of relocatable code, by the names of their texts
     * @throws CompilationException if the parts do not link, with the linker's log
     */
    @SuppressWarnings("restricted")
    public byte[] image(SequencedMap<String, byte[]> parts) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment log = arena.allocate(LOG_BYTES);
            // The driver keeps the lists until the link ends.
            MemorySegment options = arena.allocateFrom(JAVA_INT, OPTIONS);
            MemorySegment values = arena.allocateFrom(JAVA_LONG, log.address(), LOG_BYTES);
            long[] link = new long[1];
            driver.cuLinkCreate_v2(OPTIONS.length, options, values, link);
            try {
                parts.forEach((name, image) -> driver.cuLinkAddData_v2(link[0], CUBIN,
                        arena.allocateFrom(JAVA_BYTE, image), image.length, name, 0, MemorySegment.NULL,
                        MemorySegment.NULL));
                long[] start = new long[1];
                long[] bytes = new long[1];
                driver.cuLinkComplete(link[0], start, bytes);
                return MemorySegment.ofAddress(start[0]).reinterpret(bytes[0]).toArray(JAVA_BYTE);
            } catch (CudaException e) {
                throw CompilationException.ofLink(String.join(", ", parts.keySet()), e, log.getString(0));
            } finally {
                driver.cuLinkDestroy(link[0]);
            }
        }
    }
}
