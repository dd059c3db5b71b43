package org.charlstm.cuda;

import org.jspecify.annotations.Nullable;

/** The stream that a GPU's work is enqueued on, and the current recording. */
final class CurrentStream {
    private CudaStream stream;
    /** The current recording, or null. */
    private @Nullable Recording recording;
    /** The depth of nested on() and record() calls. */
    private int blocks;
    /** The stopwatch that marks launches, or null. */
    private @Nullable CudaStopwatch launches;

    CurrentStream(CudaStream first) {
        stream = first;
    }

    CudaStream stream() {
        return stream;
    }

    /** The stream's handle, for work; a recording refuses a stream outside the recording. */
    long handle() {
        if (recording != null) {
            recording.require(stream);
        }
        return stream.handle();
    }

    /** Whether no on() or record() call is active. */
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

    /** Runs work whose calls are recorded. */
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

    /** Notes that an event was recorded on this stream. */
    void marked(CudaEvent event) {
        if (recording != null) {
            recording.mark(event);
        }
    }

    /** Notes that a stream waits for an event. */
    void waited(CudaStream other, CudaEvent event) {
        if (recording != null) {
            recording.join(other, event);
        }
    }

    /** Notes that enqueued work uses an object, such as a module, a buffer or pinned memory. */
    void uses(CudaObject object) {
        if (recording != null) {
            recording.use(object);
        }
    }

    /** Lets the current recording keep a host function that its graph runs; false without a recording. */
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
