package org.charlstm.cuda.binding;

import java.lang.foreign.MemorySegment;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;

/**
 * A library of NVIDIA's. An interface that extends this one is the table of its functions: a method without a body is
 * the function of its name, and bindings implement it by its types alone.
 *
 * <p>Integers, handles and device addresses are {@code int}, {@code long}, {@code short} or {@code byte}. A
 * {@link String} is a text, a {@code String[]} a list of texts, a {@link MemorySegment} host memory
 * outside the heap; an array of {@code int} or {@code long} is copied there and back; a {@code byte[]} is NCCL's id,
 * passed by value.
 *
 * <p>A function returns a status, and one other than 0 is thrown. If a method returns a number, the function's first
 * argument points to that. If it returns a box, as {@link Integer}, {@link Long} or {@link Void}, that is what the
 * function returns, and nothing is thrown. A library is refused if it lacks a function, unless the method declares
 * {@link CharlstmException}: then the method throws that.
 */
public interface NvidiaLibrary {
    /** The library that has been opened. */
    LibrarySearch.Found library();

    /** The file that was opened. */
    default String place() {
        return library().place();
    }

    /** Whether it has a function. */
    default boolean has(String function) {
        return library().symbols().find(function).isPresent();
    }

    /** Advice for a user whose library lacks functions. */
    String remedy();

    /** The exception for a call of a function that it lacks. */
    default CharlstmException lacks(String function) {
        return new CharlstmException(place() + " has no " + function + "; " + remedy());
    }

    /** The exception for a call whose status is not 0. */
    CudaException failure(String call, int status);

    /** The text, up to a zero, at an address that a library has returned. */
    @SuppressWarnings("restricted")
    static String textAt(long address) {
        return MemorySegment.ofAddress(address).reinterpret(Long.MAX_VALUE).getString(0);
    }

    /** Makes the first call of a library that has been opened. */
    void start();
}
