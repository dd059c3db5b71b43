package org.charlstm.cuda;

import java.lang.foreign.MemorySegment;
import java.util.Locale;
import org.charlstm.Quantity;
import org.charlstm.Setting;

/** Device memory. */
public final class CudaBuffer implements AutoCloseable {
    /** The purpose of memory that does not depend on the sizes of a model. */
    public static final String CORPUS = "corpus";

    private final CudaContext context;
    private final long pointer;
    private final long bytes;
    private final String purpose;
    private boolean open = true;

    private CudaBuffer(CudaContext context, long bytes, String purpose) {
        this.context = context;
        this.purpose = purpose;
        this.bytes = Math.ceilDiv(Math.max(bytes, 1), (long) Integer.BYTES) * Integer.BYTES;
        pointer = allocate(context, this.bytes, purpose);
        context.count(purpose, this.bytes);
    }

    private static long allocate(CudaContext context, long bytes, String purpose) {
        try {
            return context.driver().allocate(bytes);
        } catch (CudaException e) {
            if (!e.outOfMemory()) {
                throw e;
            }
            long own = context.memoryUse().values().stream().mapToLong(Long::longValue).sum();
            CudaException named = e.with(
                    String.format(Locale.ROOT, "%s for %s do not fit beside the %s that charlstm has; %s are free",
                            Quantity.bytes(bytes), purpose, Quantity.bytes(own), free(context)),
                    purpose.equals(CORPUS) ? "take less of the text, or shorter rows, or free the GPU's memory"
                            : "use a smaller batch or fewer units, or free the GPU's memory");
            throw purpose.equals(CORPUS) ? named.mendedBy(Setting.SAMPLES, Setting.CAPTION_LENGTH, Setting.WINDOW)
                    : named;
        }
    }

    private static String free(CudaContext context) {
        try {
            return Quantity.bytes(context.driver().freeMemory());
        } catch (CudaException e) {
            return "unknown amounts";
        }
    }

    /** Allocates whole words for a purpose, with any content. */
    public static CudaBuffer uninitialised(CudaContext context, long bytes, String purpose) {
        return new CudaBuffer(context, bytes, purpose);
    }

    /** Allocates whole words of zeros for a purpose. */
    public static CudaBuffer zeros(CudaContext context, long bytes, String purpose) {
        CudaBuffer buffer = new CudaBuffer(context, bytes, purpose);
        try {
            buffer.zero();
            return buffer;
        } catch (RuntimeException e) {
            throw Resources.closeAfter(e, buffer::close);
        }
    }

    public long pointer() {
        if (!open) {
            throw new IllegalStateException("the memory of this buffer is closed");
        }
        return pointer;
    }

    public long bytes() {
        return bytes;
    }

    /** Sets every word to zero, in the stream's order. */
    public void zero() {
        context.driver().fill(pointer(), 0, bytes / Integer.BYTES, context.stream());
    }

    /** Copies from host memory outside the heap, and waits. */
    public void write(MemorySegment values) {
        write(0, values);
    }

    /** The same, from a number of bytes on. */
    public void write(long offset, MemorySegment values) {
        require(offset, values);
        context.driver().copyToDevice(pointer() + offset, values, context.stream());
        context.synchronize();
    }

    /** Copies to host memory outside the heap, after the work so far, and waits. */
    public void read(MemorySegment values) {
        require(0, values);
        context.driver().copyToHost(values, pointer(), context.stream());
        context.synchronize();
    }

    private void require(long offset, MemorySegment values) {
        if (offset + values.byteSize() > bytes) {
            throw new IllegalArgumentException(
                    values.byteSize() + " bytes from " + offset + " on for a buffer of " + bytes);
        }
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            context.count(purpose, -bytes);
            context.driver().free(pointer);
        }
    }
}
