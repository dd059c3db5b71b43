package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.CudaDriver;

/** Where the elements of a buffer lie, and how the memory is given back. */
sealed interface DeviceMemory {
    /** On the device. */
    long address();

    /** Gives it back. */
    void release(CudaDriver driver);

    /** Memory that the driver gave, and that is counted. */
    record Own(CudaMemory memory, long address, long bytes, String purpose) implements DeviceMemory {
        @Override
        public void release(CudaDriver driver) {
            memory.count(purpose, -bytes);
            driver.cuMemFree_v2(address);
        }
    }

    /** Memory of somebody else's, who frees it. */
    record Borrowed(long address) implements DeviceMemory {
        @Override
        public void release(CudaDriver driver) {
            // Its owner does.
        }
    }

    /** So many bytes of any content. */
    static DeviceMemory own(Cuda cuda, long bytes, String purpose) {
        long words = inWords(bytes);
        return new Own(cuda.memory(), allocated(cuda, words, purpose, () -> cuda.driver().cuMemAlloc_v2(words)), words,
                purpose);
    }

    /** Whole words, since memory is filled by words. */
    private static long inWords(long bytes) {
        return Math.ceilDiv(bytes, (long) Integer.BYTES) * Integer.BYTES;
    }

    /** Asks the driver, and counts what it gives. */
    private static long allocated(Cuda cuda, long bytes, String purpose, LongSupplier allocation) {
        Given.that(purpose, "the purpose");
        try {
            long address = allocation.getAsLong();
            cuda.memory().count(purpose, bytes);
            return address;
        } catch (CudaException e) {
            if (!e.outOfMemory()) {
                throw e;
            }
            throw e.with(String.format(Locale.ROOT, "%s for %s do not fit beside the %s of other buffers; %s are free",
                    CudaMemory.text(bytes), purpose, CudaMemory.text(cuda.memory().used()), free(cuda)),
                    "free what is not needed, or take less at a time");
        }
    }

    private static String free(Cuda cuda) {
        try {
            return CudaMemory.text(cuda.memory().free());
        } catch (CudaException e) {
            return "unknown amounts";
        }
    }
}
