package org.charlstm.cuda.binding;

import java.lang.foreign.MemorySegment;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;

/**
 * A library of NVIDIA. A subinterface is the table of a library's functions: an abstract method declares the function
 * of the same name, which bindings implement from the method's types.
 *
 * <p>Integers, handles and device addresses are {@code int}, {@code long}, {@code short} or {@code byte}. A
 * {@link String} is a text, a {@code String[]} an array of texts, and a {@link MemorySegment} off-heap host memory. An
 * array of {@code int} or {@code long} is copied in and out. A {@code byte[]} is NCCL's id, passed by value.
 *
 * <p>A function returns a status; a status other than 0 is thrown. If a method returns a primitive number, the function
 * writes the number through its first argument. If a method returns {@link Integer}, {@link Long} or {@link Void}, the
 * function itself returns that value, and no status is thrown. A library that lacks a function is refused, unless the
 * method declares {@link CharlstmException}: the method then throws that.
 */
public interface NvidiaLibrary {
    /** The open library. */
    LibrarySearch.Found library();

    /** The library's file. */
    default String place() {
        return library().place();
    }

    /** Whether the library has a function. */
    default boolean has(String function) {
        return library().symbols().find(function).isPresent();
    }

    /** Advice for a user whose library lacks functions. */
    String remedy();

    /** The exception for a call of a missing function. */
    default CharlstmException lacks(String function) {
        return new CharlstmException(place() + " has no " + function + "; " + remedy());
    }

    /** The exception for a call whose status is not 0. */
    CudaException failure(String call, int status);

    /** The zero-terminated text at an address that a library returned. */
    @SuppressWarnings("restricted")
    static String textAt(long address) {
        return MemorySegment.ofAddress(address).reinterpret(Long.MAX_VALUE).getString(0);
    }

    /** Makes the first call of an open library. */
    void start();
}
