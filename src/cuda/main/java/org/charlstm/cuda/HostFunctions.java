package org.charlstm.cuda;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Functions of the host's that a GPU runs in their turn in a stream, and what they have thrown. */
final class HostFunctions {
    /** By the number that the driver passes to the one function that it knows. */
    private static final Map<Long, Call> CALLS = new ConcurrentHashMap<>();
    private static final AtomicLong NEXT = new AtomicLong();
    private static final MemorySegment CALLED = called();

    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** @param once whether it is forgotten when it runs; those of graphs are not, until the GPU is closed */
    private record Call(Cuda cuda, Runnable function, boolean once) {
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
        if (call.once) {
            CALLS.remove(number);
        }
        try {
            call.cuda.context().host(call.function);
        } catch (Throwable e) {
            call.cuda.hostFunctions().failure.compareAndSet(null, e);
        }
    }

    static void enqueue(Cuda cuda, Runnable function) {
        boolean recorded = cuda.current().recording();
        long stream = cuda.current().handle();
        Long number = NEXT.incrementAndGet();
        CALLS.put(number, new Call(cuda, function, !recorded));
        try {
            cuda.driver().cuLaunchHostFunc(stream, CALLED, number);
        } catch (RuntimeException e) {
            CALLS.remove(number);
            throw e;
        }
        if (recorded) {
            cuda.own(() -> CALLS.remove(number));
        }
    }

    /** Throws what one of a GPU's functions has thrown since the last time. */
    static void rethrow(Cuda cuda) {
        Throwable thrown = cuda.hostFunctions().failure.getAndSet(null);
        if (thrown != null) {
            throw new IllegalStateException("a function that callHost() enqueued has failed: " + thrown.getMessage(),
                    thrown);
        }
    }
}
