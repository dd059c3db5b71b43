package org.charlstm.bench;

import com.google.gson.annotations.SerializedName;
import java.util.List;
import org.charlstm.base.UntrustedJson;
import org.charlstm.train.OperationTime;
import org.jspecify.annotations.Nullable;

/**
 * The measurement of one configuration by one process.
 *
 * @param message     why there are no figures; with figures how training diverged; null if neither
 * @param text        the text's fingerprint; null without figures
 * @param loss        of the last epoch, in nats a time step; null without one, and where training diverged
 * @param ceiling     the highest rate of floating-point operations that the device measured, a second; null if none
 * @param deviceBytes the peak of device memory; 0 where that is the host's
 * @param operations  of a step, in their order
 */
public record Measurement(Status status, @Nullable String message, @Nullable String text, List<Double> warmUpSeconds,
        List<Double> seconds, @Nullable Double loss, @Nullable Double ceiling, long hostBytes, long deviceBytes,
        List<OperationTime> operations, List<String> choices) {
    /** The status of a configuration, or of one measurement of it. */
    public enum Status {
        /** There are figures. */
        @SerializedName("measured")
        MEASURED,
        /** The model or its batch does not fit in memory, or exceeds any buffer. */
        @SerializedName("does-not-fit")
        DOES_NOT_FIT,
        /** Another failure. */
        @SerializedName("failed")
        FAILED,
        /** Not all repeats have been measured. */
        @SerializedName("unfinished")
        UNFINISHED
    }

    /** Refuses one of a file that is incomplete or has invalid figures. */
    static void require(@Nullable Measurement measurement) {
        Measurement present = FileChecks.present("measurement", measurement);
        boolean measured = FileChecks.present("status", present.status) == Status.MEASURED;
        FileChecks.whole("warm_up_seconds", present.warmUpSeconds)
                .forEach(each -> FileChecks.positive("warm_up_seconds", each));
        FileChecks.whole("seconds", present.seconds).forEach(each -> FileChecks.positive("seconds", each));
        UntrustedJson.require(!measured || !present.seconds.isEmpty(), "seconds is empty");
        if (present.loss != null) {
            FileChecks.finite("loss", present.loss);
        }
        if (present.ceiling != null) {
            FileChecks.positive("ceiling", present.ceiling);
        }
        FileChecks.operations(present.operations);
        FileChecks.whole("choices", present.choices);
    }

    /** One without figures. */
    static Measurement without(Status status, String message) {
        return new Measurement(status, message, null, List.of(), List.of(), null, null, 0, 0, List.of(), List.of());
    }
}
