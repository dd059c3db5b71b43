package org.charlstm.cuda.jcuda;

import jcuda.NativePointerObject;
import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * JCuda's argument objects, kept for reuse by later calls. Each thread has its own objects; JCuda no longer uses an
 * object when a call returns. The address is a private field, which JCuda's native code accesses by name, so the name
 * is as stable as JCuda's methods.
 */
final class JcudaObjects {
    private static final VarHandle ADDRESS = field();
    private static final ThreadLocal<JcudaObjects> OF_THREAD = ThreadLocal.withInitial(JcudaObjects::new);

    private record Kind(Class<?> type, int count) {
    }

    /** The objects' kinds by number; a call may need several objects of a type. */
    private static final List<Kind> KINDS = new ArrayList<>();

    private @Nullable NativePointerObject[] objects = new NativePointerObject[0];

    private JcudaObjects() {
    }

    private static VarHandle field() {
        try {
            return MethodHandles.privateLookupIn(NativePointerObject.class, MethodHandles.lookup())
                    .findVarHandle(NativePointerObject.class, "nativePointer", long.class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("JCuda's objects hold no nativePointer", e);
        }
    }

    /** The number of an object, by its type and its count among the call's objects of that type. */
    static int number(Class<?> type, int count) {
        synchronized (KINDS) {
            Kind kind = new Kind(type, count);
            if (!KINDS.contains(kind)) {
                KINDS.add(kind);
            }
            return KINDS.indexOf(kind);
        }
    }

    static JcudaObjects ofThread() {
        return OF_THREAD.get();
    }

    /** An object that holds an address. */
    NativePointerObject with(int number, long address) {
        NativePointerObject object = number < objects.length ? objects[number] : null;
        if (object == null) {
            object = make(number);
        }
        set(object, address);
        return object;
    }

    private NativePointerObject make(int number) {
        synchronized (KINDS) {
            objects = Arrays.copyOf(objects, KINDS.size());
            try {
                NativePointerObject object = (NativePointerObject) KINDS.get(number).type().getDeclaredConstructor()
                        .newInstance();
                objects[number] = object;
                return object;
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("JCuda's objects cannot be made", e);
            }
        }
    }

    /**
     * A pointer to host memory, which the caller keeps alive; refuses memory that java.lang.foreign would refuse.
     *
     * @return null for no memory
     * @throws IllegalArgumentException if the memory is on the heap
     * @throws IllegalStateException    if its arena is closed
     */
    @Nullable
    NativePointerObject with(int number, MemorySegment memory) {
        if (!memory.isNative()) {
            throw new IllegalArgumentException("Heap segment not allowed: " + memory);
        }
        if (!memory.scope().isAlive()) {
            throw new IllegalStateException("Already closed");
        }
        return memory.address() == 0 ? null : with(number, memory.address());
    }

    /** The address that an object holds. */
    static long address(NativePointerObject object) {
        return (long) ADDRESS.get(object);
    }

    /** Sets an object's address. */
    static void set(NativePointerObject object, long address) {
        ADDRESS.set(object, address);
    }

    /** The content of host memory. */
    static byte[] bytes(MemorySegment memory) {
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }

    /** Writes bytes to host memory, unless the memory is read-only. */
    static void back(byte[] bytes, MemorySegment memory) {
        if (!memory.isReadOnly()) {
            MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        }
    }
}
