package org.charlstm.device.gpu.tools;

import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaEvent;
import org.charlstm.cuda.CudaStream;
import org.charlstm.cuda.Resources;

/** A stream for work beside the current stream's. A graph that is being captured includes the work. */
public final class SideStream implements AutoCloseable {
    private final Cuda cuda;
    private final EarlyLaunches early;
    private final Resources resources = new Resources();
    private final CudaStream stream;
    /** The events at which this stream waits for the current one, and the current one for this stream. */
    private final CudaEvent forked;
    private final CudaEvent joined;

    /** A side stream of a GPU, which must outlive the stream. {@code early} learns where streams fork and join. */
    public SideStream(Cuda cuda, EarlyLaunches early) {
        this.cuda = cuda;
        this.early = early;
        try {
            stream = cuda.newStream(0);
            resources.add(stream::close);
            forked = cuda.newEvent(false);
            resources.add(forked::close);
            joined = cuda.newEvent(false);
            resources.add(joined::close);
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
    }

    /** Runs work after all work so far, and beside later work up to {@link #join}. Several calls run in order. */
    public void run(Runnable work) {
        forked.record();
        stream.waitFor(forked);
        cuda.on(stream, () -> {
            early.others();
            work.run();
        });
    }

    /** Runs work after this stream's work so far, without a wait for the current stream. */
    void further(Runnable work) {
        cuda.on(stream, work);
    }

    /** Makes the current stream's later work wait for all work on this stream. */
    public void join() {
        cuda.on(stream, joined::record);
        cuda.stream().waitFor(joined);
        early.others();
    }

    void synchronize() {
        stream.synchronize();
    }

    @Override
    public void close() {
        resources.close();
    }
}
