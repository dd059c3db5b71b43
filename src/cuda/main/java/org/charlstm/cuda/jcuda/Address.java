package org.charlstm.cuda.jcuda;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import jcuda.NativePointerObject;
import jcuda.Pointer;

/**
 * The address in each of JCuda's objects, which is a private field. JCuda's native code reads and writes that field by
 * its name, so the name is as fixed as JCuda's methods are.
 */
final class Address {
    private static final VarHandle FIELD = field();

    private Address() {
    }

    private static VarHandle field() {
        try {
            return MethodHandles.privateLookupIn(NativePointerObject.class, MethodHandles.lookup())
                    .findVarHandle(NativePointerObject.class, "nativePointer", long.class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("JCuda's objects hold no nativePointer", e);
        }
    }

    /** The address that an object holds. */
    static long of(NativePointerObject object) {
        return (long) FIELD.get(object);
    }

    /** Gives an address to an object. */
    static <T extends NativePointerObject> T in(T object, long address) {
        FIELD.set(object, address);
        return object;
    }

    /** A pointer to the memory at an address, 0 for none. */
    static Pointer pointer(long address) {
        return in(new Pointer(), address);
    }

    /** A pointer to host memory outside the heap. */
    static Pointer pointer(MemorySegment host) {
        return pointer(host.address());
    }
}
