package org.charlstm.cuda;

import module java.base;

/** A recording under way: the streams that take part, and what has to outlive the graph. */
final class Recording {
    private final Set<CudaStream> streams = new LinkedHashSet<>();
    private final Set<CudaEvent> marks = new LinkedHashSet<>();
    private final Set<CudaObject> used = new LinkedHashSet<>();
    /** As often as a launch of the graph runs each. */
    private final List<HostFunctions.Call> functions = new ArrayList<>();

    Recording(CudaStream stream) {
        streams.add(stream);
    }

    /** Refuses a stream that does not take part: its work would run at once, and never again. */
    void require(CudaStream stream) {
        if (!streams.contains(stream)) {
            throw new IllegalStateException("work on a stream that takes no part in the recording would run at once; "
                    + "let the stream wait first for an event that was recorded within: stream.waitFor(event)");
        }
    }

    /** An event marks work that is recorded. */
    void mark(CudaEvent event) {
        marks.add(event);
    }

    /** A stream waits for an event; if that marks work of this, the stream takes part from now on. */
    void join(CudaStream stream, CudaEvent event) {
        if (marks.contains(event)) {
            streams.add(stream);
        }
    }

    /** Work is recorded that uses a module, a buffer or pinned memory. */
    void use(CudaObject object) {
        used.add(object);
    }

    /** A function of the host's is recorded, or a graph that runs it. */
    void keep(HostFunctions.Call function) {
        function.keep();
        functions.add(function);
    }

    /** The functions of the host's, which are kept until who takes them drops them. */
    List<HostFunctions.Call> functions() {
        return List.copyOf(functions);
    }

    List<CudaObject> used() {
        return List.copyOf(used);
    }
}
