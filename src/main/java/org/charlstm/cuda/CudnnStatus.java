package org.charlstm.cuda;

import java.util.function.IntFunction;
import org.charlstm.Setting;

/** cuDNN 9's statuses come in ranges of a thousand, each with one cause; the name of each is cuDNN's own. */
public final class CudnnStatus {
    private static final int RANGE = 1000;
    private static final int NOT_SUPPORTED = 3;

    private CudnnStatus() {
    }

    /**
     * Turns a status other than 0 into an exception.
     *
     * @throws CudaException if the status is not 0
     */
    public static void check(String call, int status, IntFunction<String> names) {
        if (status != 0) {
            CudaException failure = new CudaException(call, status, names.apply(status), hint(status));
            throw status / RANGE == NOT_SUPPORTED ? failure.mendedBy(Setting.CUDNN_ALGORITHM) : failure;
        }
    }

    private static String hint(int status) {
        return switch (status / RANGE) {
            case 1 -> "the GPU may have too little free memory for cuDNN, or one of cuDNN's own libraries is missing";
            case 2 -> "this is a bug in charlstm; please report it";
            case NOT_SUPPORTED -> "this cuDNN does not do this for this shape or GPU; try another rnn-algo";
            default -> "check nvidia-smi and the system's log";
        };
    }
}
