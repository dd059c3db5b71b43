package org.charlstm.cuda;

import java.util.Arrays;

/** The statuses of NVRTC that a user can do something about. Values as in nvrtc.h. */
public enum NvrtcStatus {
    /** No room on the host. */
    OUT_OF_MEMORY(1, "NVRTC_ERROR_OUT_OF_MEMORY", "free some of the machine's memory"),
    /** An argument that NVRTC does not take. */
    INVALID_INPUT(3, "NVRTC_ERROR_INVALID_INPUT", "this is a bug in charlstm; please report it"),
    /** A program that is not there. */
    INVALID_PROGRAM(4, "NVRTC_ERROR_INVALID_PROGRAM", "this is a bug in charlstm; please report it"),
    /** Most likely an architecture that NVRTC is too old to know. */
    INVALID_OPTION(5, "NVRTC_ERROR_INVALID_OPTION", "this NVRTC may not know the GPU; install a newer one"),
    /** A text that does not compile. */
    COMPILATION(6, "NVRTC_ERROR_COMPILATION", "this is a bug in charlstm; please report it"),
    /** The library of its built-in functions is missing or another version's. */
    BUILTIN_OPERATION_FAILURE(7, "NVRTC_ERROR_BUILTIN_OPERATION_FAILURE",
            "libnvrtc-builtins of the same version has to lie beside libnvrtc"),
    /** Anything else. */
    INTERNAL_ERROR(11, "NVRTC_ERROR_INTERNAL_ERROR", "try another version of NVRTC");

    private final int code;
    private final String symbol;
    private final String hint;

    NvrtcStatus(int code, String symbol, String hint) {
        this.code = code;
        this.symbol = symbol;
        this.hint = hint;
    }

    /** The status as a number. */
    public int code() {
        return code;
    }

    /**
     * Turns a status other than 0 into an exception.
     *
     * @throws CudaException if the status is not 0
     */
    public static void check(String call, int status) {
        if (status != 0) {
            NvrtcStatus known = Arrays.stream(values()).filter(value -> value.code == status).findFirst().orElse(null);
            throw new CudaException(call, status, known == null ? "see nvrtcResult in nvrtc.h" : known.symbol,
                    known == null ? "" : known.hint);
        }
    }
}
