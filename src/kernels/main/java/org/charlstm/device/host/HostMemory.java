package org.charlstm.device.host;

import java.util.function.IntFunction;
import org.charlstm.DeviceException;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.CorpusRows;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Memory;
import org.charlstm.device.spi.Leases;
import org.charlstm.device.spi.MemorySize;

/** Memory in Java arrays, which the garbage collector frees. */
public abstract class HostMemory implements Memory {
    /** The largest array length that every JVM supports. */
    private static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

    private final Leases leases;
    private volatile boolean closed;

    protected HostMemory(Leases leases) {
        this.leases = leases;
    }

    /** Makes an array of elements of {@code bytes} bytes; throws a {@link DeviceException} if memory is lacking. */
    public static <T> T array(long length, int bytes, IntFunction<T> make) {
        if (length > MAX_LENGTH) {
            throw new DeviceException("a buffer of " + length
                    + " numbers is larger than a Java array; use a smaller batch or fewer units", true);
        }
        try {
            return make.apply((int) length);
        } catch (OutOfMemoryError e) {
            DeviceException refused = new DeviceException("a buffer of " + MemorySize.text(length * bytes)
                    + " does not fit in the JVM's memory, which is " + MemorySize.text(Runtime.getRuntime().maxMemory())
                    + "; use a smaller batch or fewer units, or give the JVM more with JDK_JAVA_OPTIONS=-Xmx...", true);
            refused.initCause(e);
            throw refused;
        }
    }

    protected final void requireOpen() {
        leases.requireOpen();
        if (closed) {
            throw new IllegalStateException("this memory is closed");
        }
    }

    @Override
    public final Ints ints(int length) {
        requireOpen();
        Shapes.length(length);
        return new HostInts(array(length, Integer.BYTES, int[]::new));
    }

    @Override
    public final Doubles doubles(int length) {
        requireOpen();
        Shapes.length(length);
        return new HostDoubles(array(length, Double.BYTES, double[]::new));
    }

    @Override
    public final CorpusBuffer corpus(CorpusRows corpus) {
        requireOpen();
        return corpus;
    }

    @Override
    public final void close() {
        leases.release(() -> closed = true);
    }
}
