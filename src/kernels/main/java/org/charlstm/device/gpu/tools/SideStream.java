package org.charlstm.device.gpu.tools;

import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaEvent;
import org.charlstm.cuda.CudaStream;
import org.charlstm.cuda.Resources;

/** A stream for work beside that of the current one. A graph that is being recorded takes it in. */
public final class SideStream implements AutoCloseable {
    private final Cuda cuda;
    private final EarlyLaunches early;
    private final Resources resources = new Resources();
    private final CudaStream stream;
    /** Events at which this stream waits for the current one, and the current one for this. */
    private final CudaEvent forked;
    private final CudaEvent joined;

    /** Of a GPU, which has to outlive it, and whose early launches are told where streams meet. */
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

    /** Runs work after all work so far, beside the work after it up to {@link #join}; several calls run in order. */
    public void run(Runnable work) {
        forked.record();
        stream.waitFor(forked);
        cuda.on(stream, () -> {
            early.others();
            work.run();
        });
    }

    /** Lets the work after this wait for all work here. */
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
