package org.charlstm.device.host;

import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.CorpusRows;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Leases;
import org.charlstm.device.Memory;

/** Java arrays, which the garbage collector frees. */
public abstract class HostMemory implements Memory {
    private final Leases leases;
    private volatile boolean closed;

    /** A scope of a device. */
    protected HostMemory(Leases leases) {
        this.leases = leases;
    }

    /** Refuses to allocate where nothing is any more. */
    protected final void requireOpen() {
        leases.requireOpen();
        if (closed) {
            throw new IllegalStateException("this memory is closed");
        }
    }

    @Override
    public final Ints ints(int length) {
        requireOpen();
        return HostArrays.ints(length);
    }

    @Override
    public final Doubles doubles(int length) {
        requireOpen();
        return HostArrays.doubles(length);
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
