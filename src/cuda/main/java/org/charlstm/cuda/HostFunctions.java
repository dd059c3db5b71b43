package org.charlstm.cuda;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Host functions that run in stream order. */
final class HostFunctions {
    /** The functions by number; the driver calls {@link #call} with the number. */
    private static final Map<Long, Call> CALLS = new ConcurrentHashMap<>();
    /** The threads that run a host function now. The driver accepts no call from these threads, for any GPU. */
    private static final Set<Thread> RUNNING = ConcurrentHashMap.newKeySet();
    private static final AtomicLong NEXT = new AtomicLong();
    private static final MemorySegment CALLED = called();

    /** The first failure that has not been thrown by a wait yet. */
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** A function, kept while a graph contains it or an enqueued run is not over. */
    static final class Call {
        private final Cuda cuda;
        private final Runnable function;
        private final long number = NEXT.incrementAndGet();
        private int graphs;
        private int runs;

        private Call(Cuda cuda, Runnable function) {
            this.cuda = cuda;
            this.function = function;
            CALLS.put(number, this);
        }

        /** Counts a graph or recording that contains the function. */
        synchronized void keep() {
            graphs++;
        }

        /** Notes that a graph no longer contains the function. */
        synchronized void drop() {
            graphs--;
            forgetUnused();
        }

        /** Notes that the function is about to be enqueued. */
        synchronized void expect() {
            runs++;
        }

        /** Notes that the function has run, or could not be enqueued. */
        synchronized void done() {
            runs--;
            forgetUnused();
        }

        private void forgetUnused() {
            if (graphs <= 0 && runs <= 0) {
                CALLS.remove(number);
            }
        }
    }

    // The function outlives every library that may call it.
    @SuppressWarnings("restricted")
    private static MemorySegment called() {
        try {
            return Linker.nativeLinker().upcallStub(MethodHandles.lookup().findStatic(HostFunctions.class, "call",
                    MethodType.methodType(void.class, long.class)), FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG),
                    Arena.global());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the function of the host's functions is not there", e);
        }
    }

    /** Runs a function for the driver. No exception may leave this method, since that would end the process. */
    @SuppressWarnings("UnusedMethod") // Used by name, above.
    private static void call(long number) {
        Call call = CALLS.get(number);
        if (call == null) {
            return;
        }
        Thread thread = Thread.currentThread();
        RUNNING.add(thread);
        try {
            call.function.run();
        } catch (Throwable e) {
            call.cuda.hostFunctions().failure.compareAndSet(null, e);
        } finally {
            RUNNING.remove(thread);
            call.done();
        }
    }

    static void enqueue(Cuda cuda, Runnable function) {
        long stream = cuda.current().handle();
        Call call = new Call(cuda, function);
        // A recording keeps the call; without a recording the function runs once.
        if (!cuda.current().keeps(call)) {
            call.expect();
        }
        try {
            cuda.driver().cuLaunchHostFunc(stream, CALLED, call.number);
        } catch (RuntimeException e) {
            CALLS.remove(call.number);
            throw e;
        }
    }

    /** Refuses the use of a GPU by a thread that runs a host function. */
    static void requireOutside(int gpu) {
        if (RUNNING.contains(Thread.currentThread())) {
            throw new IllegalStateException("GPU " + gpu + " was used within a function that callHost() runs, where "
                    + "the driver takes no calls; use it after a wait for the stream");
        }
    }

    /** Rethrows the first failure of a GPU's host functions since the last call; called after a wait. */
    static void rethrow(Cuda cuda) {
        Throwable thrown = cuda.hostFunctions().failure.getAndSet(null);
        if (thrown != null) {
            throw new IllegalStateException("a function that callHost() enqueued has failed: " + thrown.getMessage(),
                    thrown);
        }
    }

    /**
     * Forgets a GPU's functions when its streams have ended; some may never have run, for example after a kernel's
     * fault.
     */
    static void forget(Cuda cuda) {
        CALLS.values().removeIf(call -> call.cuda == cuda);
    }

    /** The number of kept functions of all GPUs. */
    static int kept() {
        return CALLS.size();
    }
}
