package org.charlstm.device.host;

import java.util.function.IntFunction;
import org.charlstm.DeviceException;
import org.charlstm.Quantity;

/** Arrays as the memory of devices whose memory is the host's. */
public final class HostArrays {
    /** The most elements that an array has on any JVM. */
    private static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

    private HostArrays() {
    }

    /**
     * Makes an array.
     *
     * @throws DeviceException if there is no room for it, as one that is out of memory
     */
    public static <T> T make(long length, int bytes, IntFunction<T> make) {
        if (length > MAX_LENGTH) {
            throw new DeviceException("a buffer of " + length
                    + " numbers is larger than a Java array; use a smaller batch or fewer units", true);
        }
        try {
            return make.apply((int) length);
        } catch (OutOfMemoryError e) {
            DeviceException refused = new DeviceException("a buffer of " + Quantity.bytes(length * bytes)
                    + " does not fit in the JVM's memory, which is "
                    + Quantity.bytes(Runtime.getRuntime().maxMemory())
                    + "; use a smaller batch or fewer units, or give the JVM more with JDK_JAVA_OPTIONS=-Xmx...", true);
            refused.initCause(e);
            throw refused;
        }
    }

    /** A vector of integers. */
    public static HostInts ints(int length) {
        return new HostInts(make(length, Integer.BYTES, int[]::new));
    }

    /** A vector of reals. */
    public static HostDoubles doubles(int length) {
        return new HostDoubles(make(length, Double.BYTES, double[]::new));
    }
}
