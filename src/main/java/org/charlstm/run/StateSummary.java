package org.charlstm.run;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run's state says of the run, without its tensors.
 *
 * @param epoch    the epoch that it came to, 0 before the first
 * @param rows     captions of that epoch that were seen
 * @param whole    whether that epoch is whole: validated, and its figures in the run's folder
 * @param settings what the result depends on beside the text, by name
 * @param options  what was asked for, as the description has it
 * @param best     the epoch of the lowest loss, or null where none is kept
 */
public record StateSummary(int epoch, int rows, boolean whole, Map<String, String> settings,
        Map<String, @Nullable String> options, RunState.@Nullable Best best) {
    /** Copies what could change. */
    public StateSummary {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }
}
