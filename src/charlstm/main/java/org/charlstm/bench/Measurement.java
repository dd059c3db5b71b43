package org.charlstm.bench;

import com.google.gson.annotations.SerializedName;
import java.util.List;
import org.charlstm.base.UntrustedJson;
import org.charlstm.train.OperationTime;
import org.jspecify.annotations.Nullable;

/**
 * The measurement of one configuration by one process. {@code message} says why there are no figures, or how training
 * diverged; {@code text} is a fingerprint. The loss is in nats per time step. {@code ceiling} is the device's highest
 * measured rate of floating-point operations per second. {@code deviceBytes} is 0 if the device uses the host's memory,
 * and {@code waveBatch} is null if {@link org.charlstm.device.Device#waveBatch} is 0.
 */
public record Measurement(Status status, @Nullable String message, @Nullable String text, List<Double> warmUpSeconds,
        List<Double> seconds, @Nullable Double loss, @Nullable Double ceiling, long hostBytes, long deviceBytes,
        @Nullable Integer waveBatch, List<OperationTime> operations, List<String> choices) {
    /** The status of a configuration, or of a single measurement. */
    public enum Status {
        @SerializedName("measured")
        MEASURED,
        /** The model or its batch does not fit in memory, or exceeds the largest buffer. */
        @SerializedName("does-not-fit")
        DOES_NOT_FIT,
        @SerializedName("failed")
        FAILED,
        /** Some repeats have not been measured yet. */
        @SerializedName("unfinished")
        UNFINISHED
    }

    /** Refuses a file's measurement that is incomplete or has invalid figures. */
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

    static Measurement without(Status status, String message) {
        return new Measurement(status, message, null, List.of(), List.of(), null, null, 0, 0, null, List.of(),
                List.of());
    }
}
