package org.charlstm.cuda.panama;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.charlstm.cuda.panama.NativeFunctions.Function;

/**
 * Calls of functions that programs call often, without the boxes and the array of {@link Function#call}: a method for
 * each list of arguments, named by their kinds. A handle that is a constant is compiled into its caller, and it is one
 * if it takes the function's address as an argument.
 */
final class ExactCalls {
    private static final MethodHandle L = NativeFunctions.caller("l");
    private static final MethodHandle LL = NativeFunctions.caller("ll");
    private static final MethodHandle LLI = NativeFunctions.caller("lli");
    private static final MethodHandle LLLL = NativeFunctions.caller("llll");
    private static final MethodHandle LPLL = NativeFunctions.caller("lpll");
    private static final MethodHandle PLLL = NativeFunctions.caller("plll");
    private static final MethodHandle LILL = NativeFunctions.caller("lill");
    private static final MethodHandle LSLL = NativeFunctions.caller("lsll");
    private static final MethodHandle LLILLL = NativeFunctions.caller("llilll");
    private static final MethodHandle PLPP = NativeFunctions.caller("plpp");

    private ExactCalls() {
    }

    static void l(Function function, long a) {
        try {
            function.check((int) L.invokeExact(function.address("l"), a));
        } catch (Throwable thrown) {
            throw function.unexpected(thrown);
        }
    }

    static void ll(Function function, long a, long b) {
        try {
            function.check((int) LL.invokeExact(function.address("ll"), a, b));
        } catch (Throwable thrown) {
            throw function.unexpected(thrown);
        }
    }

    static void lli(Function function, long a, long b, int c) {
        try {
            function.check((int) LLI.invokeExact(function.address("lli"), a, b, c));
        } catch (Throwable thrown) {
            throw function.unexpected(thrown);
        }
    }

    static void llll(Function function, long a, long b, long c, long d) {
        try {
            function.check((int) LLLL.invokeExact(function.address("llll"), a, b, c, d));
        } catch (Throwable thrown) {
            throw function.unexpected(thrown);
        }
    }

    static void lpll(Function function, long a, MemorySegment b, long c, long d) {
        try {
            function.check((int) LPLL.invokeExact(function.address("lpll"), a, b, c, d));
        } catch (Throwable thrown) {
            throw function.unexpected(thrown);
        }
    }

    static void plll(Function function, MemorySegment a, long b, long c, long d) {
        try {
            function.check((int) PLLL.invokeExact(function.address("plll"), a, b, c, d));
        } catch (Throwable thrown) {
            throw function.unexpected(thrown);
        }
    }

    static void lill(Function function, long a, int b, long c, long d) {
        try {
            function.check((int) LILL.invokeExact(function.address("lill"), a, b, c, d));
        } catch (Throwable thrown) {
            throw function.unexpected(thrown);
        }
    }

    static void lsll(Function function, long a, short b, long c, long d) {
        try {
            function.check((int) LSLL.invokeExact(function.address("lsll"), a, b, c, d));
        } catch (Throwable thrown) {
            throw function.unexpected(thrown);
        }
    }

    static void llilll(Function function, long a, long b, int c, long d, long e, long f) {
        try {
            function.check((int) LLILLL.invokeExact(function.address("llilll"), a, b, c, d, e, f));
        } catch (Throwable thrown) {
            throw function.unexpected(thrown);
        }
    }

    static void plpp(Function function, MemorySegment a, long b, MemorySegment c, MemorySegment d) {
        try {
            function.check((int) PLPP.invokeExact(function.address("plpp"), a, b, c, d));
        } catch (Throwable thrown) {
            throw function.unexpected(thrown);
        }
    }
}
