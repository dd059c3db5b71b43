package org.charlstm.cuda;

import org.jspecify.annotations.Nullable;

/** The stream on which a GPU's work is enqueued now, and what is being recorded. */
final class CurrentStream {
    private CudaStream stream;
    /** Null while nothing is recorded. */
    private @Nullable Recording recording;
    /** The depth of nested on() and record() calls. */
    private int blocks;
    /** Marks launches; null if none does. */
    private @Nullable CudaStopwatch launches;

    CurrentStream(CudaStream first) {
        stream = first;
    }

    CudaStream stream() {
        return stream;
    }

    /** Its handle, for work; a recording refuses streams that take no part in it. */
    long handle() {
        if (recording != null) {
            recording.require(stream);
        }
        return stream.handle();
    }

    /** Whether all is as it was in the beginning: no work on another stream, none recorded. */
    boolean atRest() {
        return blocks == 0;
    }

    boolean recording() {
        return recording != null;
    }

    /** Runs work on another stream. */
    void on(CudaStream other, Runnable work) {
        run(other, recording, work);
    }

    /** Runs work that is recorded. */
    void recorded(Recording into, Runnable work) {
        run(stream, into, work);
    }

    private void run(CudaStream on, @Nullable Recording into, Runnable work) {
        CudaStream streamBefore = stream;
        Recording recordingBefore = recording;
        stream = on;
        recording = into;
        blocks++;
        try {
            work.run();
        } finally {
            blocks--;
            stream = streamBefore;
            recording = recordingBefore;
        }
    }

    /** An event was recorded on this stream. */
    void marked(CudaEvent event) {
        if (recording != null) {
            recording.mark(event);
        }
    }

    /** A stream waits for an event. */
    void waited(CudaStream other, CudaEvent event) {
        if (recording != null) {
            recording.join(other, event);
        }
    }

    /** Work is enqueued that uses a module, a buffer or pinned memory. */
    void uses(CudaObject object) {
        if (recording != null) {
            recording.use(object);
        }
    }

    /** Whether work is recorded; then the recording keeps a function of the host's that it runs. */
    boolean keeps(HostFunctions.Call function) {
        if (recording == null) {
            return false;
        }
        recording.keep(function);
        return true;
    }

    void markLaunches(CudaStopwatch stopwatch) {
        launches = stopwatch;
    }

    void forget(CudaStopwatch stopwatch) {
        if (launches == stopwatch) {
            launches = null;
        }
    }

    @Nullable
    CudaStopwatch launchStopwatch() {
        return launches;
    }
}
