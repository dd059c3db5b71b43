package org.charlstm.cuda;

import java.util.Locale;
import java.util.Objects;
import org.charlstm.cuda.binding.CudaDriver;

/**
 * A GPU's name, sizes and limits, as the driver tells them.
 *
 * @param number             from 0, in the driver's order
 * @param capability         compute capability, for example 90 for 9.0
 * @param memory             bytes of the GPU's memory
 * @param multiprocessors    number of multiprocessors
 * @param threadsPerBlock    at most
 * @param threadsPerMultiprocessor at most, in all resident blocks together
 * @param registersPerBlock  32-bit registers of a block at most
 * @param sharedPerBlock     bytes of shared memory of a block by default
 * @param sharedPerBlockMost bytes of shared memory of a block at most, by opt-in, which {@link CudaKernel#launch} does
 * @param sharedPerMultiprocessor bytes of shared memory of a multiprocessor's blocks together
 * @param l2Bytes            bytes of the L2 cache
 * @param clockKilohertz     highest clock of the multiprocessors; 0 if the driver does not tell
 * @param driverVersion      the driver's CUDA version: 1000 x major + 10 x minor
 */
public record CudaProperties(int number, String name, int capability, long memory, int multiprocessors,
        int threadsPerBlock, int threadsPerMultiprocessor, int registersPerBlock, int sharedPerBlock,
        int sharedPerBlockMost, int sharedPerMultiprocessor, int l2Bytes, int clockKilohertz,
        int driverVersion) {
    /** Refuses a null name. */
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

    /** Name, compute capability and memory in one line. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s, compute capability %s, %.1f GiB", name, capabilityText(capability),
                memory / GIB);
    }
}
