package org.charlstm.cuda;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Functions of the host's that a GPU runs in their turn in a stream. */
final class HostFunctions {
    /** By the number that the driver passes to the one function that it knows. */
    private static final Map<Long, Call> CALLS = new ConcurrentHashMap<>();
    /** The threads that run one now. The driver takes no call from them, about whichever GPU. */
    private static final Set<Thread> RUNNING = ConcurrentHashMap.newKeySet();
    private static final AtomicLong NEXT = new AtomicLong();
    private static final MemorySegment CALLED = called();

    /** The first failure that no wait has thrown yet. */
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** A function, which is kept while a graph has it, and until every run that was enqueued is over. */
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

        /** A graph has it, or a recording. */
        synchronized void keep() {
            graphs++;
        }

        /** A graph has it no more. */
        synchronized void drop() {
            graphs--;
            forgetUnused();
        }

        /** It is about to be enqueued. */
        synchronized void expect() {
            runs++;
        }

        /** It has run, or could not be enqueued. */
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

    /** The driver calls it. Nothing may be thrown out of it, which would end the process. */
    @SuppressWarnings("UnusedMethod") // By its name, above.
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
        // A recording keeps it from now on; what is not recorded runs once.
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

    /** Refuses the use of a GPU by a thread that runs a function. */
    static void requireOutside(int gpu) {
        if (RUNNING.contains(Thread.currentThread())) {
            throw new IllegalStateException("GPU " + gpu + " was used within a function that callHost() runs, where "
                    + "the driver takes no calls; use it after a wait for the stream");
        }
    }

    /** After a wait: throws what one of a GPU's functions has thrown since the last time. */
    static void rethrow(Cuda cuda) {
        Throwable thrown = cuda.hostFunctions().failure.getAndSet(null);
        if (thrown != null) {
            throw new IllegalStateException("a function that callHost() enqueued has failed: " + thrown.getMessage(),
                    thrown);
        }
    }

    /** Forgets what never ran, as after a kernel's fault, when the streams of a GPU have ended. */
    static void forget(Cuda cuda) {
        CALLS.values().removeIf(call -> call.cuda == cuda);
    }

    /** How many functions are kept, of all GPUs. */
    static int kept() {
        return CALLS.size();
    }
}
