package org.charlstm.cuda;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.CudaDriver;

/** A buffer's memory, and how it is freed. */
sealed interface DeviceMemory {
    /** The device address. */
    long address();

    /**
     * Prepares to free the memory; throws an IllegalStateException that names the buffer if the memory cannot be freed
     * now.
     */
    default void withdraw(CudaBuffer what) {
        // Most memory can be freed at any time.
    }

    /** Frees the memory. */
    void release(CudaDriver driver);

    /** Memory from the driver, which is counted. */
    record Own(CudaMemory memory, long address, long bytes, String purpose) implements DeviceMemory {
        @Override
        public void release(CudaDriver driver) {
            memory.count(purpose, -bytes);
            driver.cuMemFree_v2(address);
        }
    }

    /** Memory that is allocated and freed in stream order. */
    record Pooled(Cuda cuda, long address, long bytes, String purpose) implements DeviceMemory {
        @Override
        public void withdraw(CudaBuffer what) {
            if (cuda.current().recording()) {
                throw new IllegalStateException(what + " of the pool was closed while work was recorded; close it "
                        + "after that");
            }
        }

        @Override
        public void release(CudaDriver driver) {
            cuda.memory().count(purpose, -bytes);
            driver.cuMemFreeAsync(address, cuda.current().stream().handle());
        }
    }

    /** Managed memory, which the host accesses too. */
    record Managed(Own memory, HostView view) implements DeviceMemory {
        @Override
        public long address() {
            return memory.address;
        }

        @Override
        public void withdraw(CudaBuffer what) {
            view.end(what);
        }

        @Override
        public void release(CudaDriver driver) {
            memory.release(driver);
        }
    }

    /** Memory of another owner, who frees it. */
    record Borrowed(long address) implements DeviceMemory {
        @Override
        public void release(CudaDriver driver) {
            // The owner frees this memory.
        }
    }

    /** Uninitialised memory. */
    static DeviceMemory own(Cuda cuda, long bytes, String purpose) {
        long words = inWords(bytes);
        return new Own(cuda.memory(), allocated(cuda, words, purpose, () -> cuda.driver().cuMemAlloc_v2(words)), words,
                purpose);
    }

    /** Uninitialised memory from the driver's pool, in the order of the current stream. */
    static DeviceMemory pooled(Cuda cuda, long bytes, String purpose) {
        CudaDriver driver = cuda.driver();
        if (cuda.current().recording()) {
            throw new IllegalStateException("memory cannot be taken from the pool while work is recorded; take it "
                    + "before");
        }
        if (driver.cuDeviceGetAttribute(CudaDriver.MEMORY_POOLS, cuda.context().device()) == 0) {
            throw new CharlstmException("GPU " + cuda.number() + " with this driver has no pool of memory; take "
                    + "allocate() instead");
        }
        return new Pooled(cuda, allocated(cuda, bytes, purpose,
                () -> driver.cuMemAllocAsync(bytes, cuda.current().handle())), bytes, purpose);
    }

    /** Uninitialised managed memory, which the host accesses too. */
    static DeviceMemory managed(Cuda cuda, long bytes) {
        String purpose = "managed memory";
        long address = allocated(cuda, bytes, purpose,
                () -> cuda.driver().cuMemAllocManaged(bytes, CudaDriver.ATTACH_GLOBAL));
        return new Managed(new Own(cuda.memory(), address, bytes, purpose), new HostView(address, bytes));
    }

    /** Memory of another library, checked against the driver's knowledge of it. */
    static DeviceMemory foreign(Cuda cuda, long address, CudaType type, long bytes) {
        CudaDriver driver = cuda.driver();
        String where = "address 0x" + Long.toHexString(address);
        if (address % type.bytes() != 0) {
            throw new IllegalArgumentException(where + " is no multiple of " + type.bytes() + ", where elements of "
                    + type + " lie");
        }
        long[] start = new long[1];
        long[] size = new long[1];
        int status = driver.cuMemGetAddressRange_v2(start, size, address);
        if (status == CudaDriver.NOT_FOUND || status == CudaDriver.INVALID_VALUE) {
            throw new IllegalArgumentException(where + " is not memory of a GPU; give the address of what was "
                    + "allocated on one and is not freed");
        } else if (status != 0) {
            throw driver.failure("cuMemGetAddressRange_v2", status);
        }
        if (bytes > start[0] + size[0] - address) {
            throw new IndexOutOfBoundsException(bytes + " bytes from " + where + " on, in memory that has "
                    + (start[0] + size[0] - address) + " from there on");
        }
        long device = driver.pointerAttribute(CudaDriver.POINTER_DEVICE, address).orElse(cuda.context().device());
        if (device != cuda.context().device()) {
            throw new IllegalArgumentException(where + " is memory of GPU " + device + ", and was given for GPU "
                    + cuda.number());
        }
        long context = driver.pointerAttribute(CudaDriver.POINTER_CONTEXT, address).orElse(0);
        if (context != 0 && context != cuda.context().handle()) {
            throw new IllegalArgumentException(where + " is memory of another context than the primary one of GPU "
                    + cuda.number() + "; have its library use that, by cuDevicePrimaryCtxRetain");
        }
        return new Borrowed(address);
    }

    /** Rounds up to whole 32-bit words, since memory is filled by words. */
    private static long inWords(long bytes) {
        return Math.ceilDiv(bytes, (long) Integer.BYTES) * Integer.BYTES;
    }

    /** Allocates by the driver, and counts the memory. */
    private static long allocated(Cuda cuda, long bytes, String purpose, LongSupplier allocation) {
        Objects.requireNonNull(purpose, "the purpose is null");
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
