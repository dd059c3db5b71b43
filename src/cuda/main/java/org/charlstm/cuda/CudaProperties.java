package org.charlstm.cuda;

import java.util.Locale;
import java.util.Objects;
import org.charlstm.cuda.binding.CudaDriver;

/**
 * A GPU's name, sizes and limits, as the driver tells them.
 *
 * @param number             from 0, in the driver's order
 * @param capability         compute capability, for example 90 for 9.0
 * @param memory             bytes of its memory
 * @param multiprocessors    how many it has
 * @param threadsPerBlock    at most
 * @param threadsPerMultiprocessor at most, of all blocks together
 * @param registersPerBlock  32-bit registers of a block at most
 * @param sharedPerBlock     bytes of shared memory that a block may have without more being allowed
 * @param sharedPerBlockMost bytes that a launch may ask for; {@link CudaKernel#launch} allows them by itself
 * @param sharedPerMultiprocessor bytes of all its blocks together
 * @param l2Bytes            bytes of the L2 cache
 * @param clockKilohertz     of the multiprocessors at most; 0 if the driver does not tell
 * @param driverVersion      CUDA of the driver: 1000 x major + 10 x minor
 */
public record CudaProperties(int number, String name, int capability, long memory, int multiprocessors,
        int threadsPerBlock, int threadsPerMultiprocessor, int registersPerBlock, int sharedPerBlock,
        int sharedPerBlockMost, int sharedPerMultiprocessor, int l2Bytes, int clockKilohertz,
        int driverVersion) {
    /** Refuses no name. */
    public CudaProperties {
        Objects.requireNonNull(name, "the name is null");
    }

    private static final int THREADS_PER_BLOCK = 1;
    private static final int SHARED_PER_BLOCK = 8;
    private static final int REGISTERS_PER_BLOCK = 12;
    private static final int CLOCK = 13;
    private static final int L2_BYTES = 38;
    private static final int THREADS_PER_MULTIPROCESSOR = 39;
    private static final int SHARED_PER_MULTIPROCESSOR = 81;
    private static final double GIB = 1L << 30;

    static CudaProperties of(CudaDriver driver, int number) {
        int device = driver.cuDeviceGet(number);
        return new CudaProperties(number, driver.deviceName(device),
                10 * driver.cuDeviceGetAttribute(CudaDriver.COMPUTE_CAPABILITY_MAJOR, device)
                        + driver.cuDeviceGetAttribute(CudaDriver.COMPUTE_CAPABILITY_MINOR, device),
                driver.cuDeviceTotalMem_v2(device), driver.cuDeviceGetAttribute(CudaDriver.MULTIPROCESSORS, device),
                driver.cuDeviceGetAttribute(THREADS_PER_BLOCK, device),
                driver.cuDeviceGetAttribute(THREADS_PER_MULTIPROCESSOR, device),
                driver.cuDeviceGetAttribute(REGISTERS_PER_BLOCK, device),
                driver.cuDeviceGetAttribute(SHARED_PER_BLOCK, device),
                driver.cuDeviceGetAttribute(CudaDriver.SHARED_MEMORY_OPT_IN, device),
                driver.cuDeviceGetAttribute(SHARED_PER_MULTIPROCESSOR, device),
                driver.cuDeviceGetAttribute(L2_BYTES, device),
                driver.cuDeviceGetAttribute(CLOCK, device), driver.version());
    }

    /** A compute capability as people write it, for example 9.0 for 90. */
    public static String capabilityText(int capability) {
        return capability / 10 + "." + capability % 10;
    }

    /** On one line, for a person. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s, compute capability %s, %.1f GiB", name, capabilityText(capability),
                memory / GIB);
    }
}
