package org.charlstm.cuda;

import module java.base;

/** A recording in progress: its streams, and the objects that must outlive the graph. */
final class Recording {
    private final Set<CudaStream> streams = new LinkedHashSet<>();
    private final Set<CudaEvent> marks = new LinkedHashSet<>();
    private final Set<CudaObject> used = new LinkedHashSet<>();
    /** The host functions; each is listed as often as a launch of the graph runs it. */
    private final List<HostFunctions.Call> functions = new ArrayList<>();

    Recording(CudaStream stream) {
        streams.add(stream);
    }

    /** Refuses a stream outside the recording, whose work would run at once instead of being recorded. */
    void require(CudaStream stream) {
        if (!streams.contains(stream)) {
            throw new IllegalStateException("work on a stream that takes no part in the recording would run at once; "
                    + "let the stream wait first for an event that was recorded within: stream.waitFor(event)");
        }
    }

    /** Notes that an event marks recorded work. */
    void mark(CudaEvent event) {
        marks.add(event);
    }

    /** Notes that a stream waits for an event. If the event marks recorded work, the stream joins the recording. */
    void join(CudaStream stream, CudaEvent event) {
        if (marks.contains(event)) {
            streams.add(stream);
        }
    }

    /** Notes that recorded work uses an object, such as a module, a buffer or pinned memory. */
    void use(CudaObject object) {
        used.add(object);
    }

    /** Keeps a host function that the recorded work runs, directly or by a graph. */
    void keep(HostFunctions.Call function) {
        function.keep();
        functions.add(function);
    }

    /** The host functions, which the caller must drop. */
    List<HostFunctions.Call> functions() {
        return List.copyOf(functions);
    }

    List<CudaObject> used() {
        return List.copyOf(used);
    }
}
