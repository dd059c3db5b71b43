package org.charlstm.bench;

import com.google.gson.annotations.SerializedName;
import java.util.List;
import org.charlstm.train.OperationTime;
import org.jspecify.annotations.Nullable;

/**
 * What one process found of one configuration.
 *
 * @param message       why there are no figures; null if there are
 * @param text          the fingerprint of the text that it read; null without figures
 * @param warmUpSeconds the epochs that do not count
 * @param loss          of the last epoch, in nats a time step; null without one
 * @param ceiling       the most floating-point operations a second that the device gave; null where it has none
 * @param hostBytes     the most host memory that the process has used
 * @param deviceBytes   the most device memory that was allocated; 0 where the memory is the host's
 * @param operations    the operations of a step, in their order
 * @param choices       what the device has measured and chosen, and warned of, a line each
 */
public record Measurement(Status status, @Nullable String message, @Nullable String text, List<Double> warmUpSeconds,
        List<Double> seconds, @Nullable Double loss, @Nullable Double ceiling, long hostBytes, long deviceBytes,
        List<OperationTime> operations, List<String> choices) {
    /** What came of a configuration or of one measurement of it. */
    public enum Status {
        /** There are figures. */
        @SerializedName("measured")
        MEASURED,
        /** The model or its batch does not fit in memory, or into anything that memory could hold. */
        @SerializedName("does-not-fit")
        DOES_NOT_FIT,
        /** Something else went wrong. */
        @SerializedName("failed")
        FAILED,
        /** Not all repeats have been measured. */
        @SerializedName("unfinished")
        UNFINISHED
    }

    /** Refuses one of a file that lacks what it must have, or has figures that are none. */
    static void require(@Nullable Measurement measurement) {
        Measurement present = Sound.present("measurement", measurement);
        boolean measured = Sound.present("status", present.status) == Status.MEASURED;
        Sound.whole("warm_up_seconds", present.warmUpSeconds).forEach(each -> Sound.positive("warm_up_seconds", each));
        Sound.whole("seconds", present.seconds).forEach(each -> Sound.positive("seconds", each));
        Sound.require(!measured || !present.seconds.isEmpty(), "seconds is empty");
        if (present.loss != null) {
            Sound.finite("loss", present.loss);
        }
        if (present.ceiling != null) {
            Sound.positive("ceiling", present.ceiling);
        }
        Sound.operations(present.operations);
        Sound.whole("choices", present.choices);
    }

    /** One without figures. */
    static Measurement without(Status status, String message) {
        return new Measurement(status, message, null, List.of(), List.of(), null, null, 0, 0, List.of(), List.of());
    }
}
