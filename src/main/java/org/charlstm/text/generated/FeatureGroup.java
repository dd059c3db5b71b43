package org.charlstm.text.generated;

import java.util.List;

/**
 * Columns side by side of the built-in captions' features, exactly one of which is 1 in each row, and the others 0.
 *
 * @param name    what they tell of a caption
 * @param columns what each stands for; the first, {@code none}, for captions that say nothing of the kind
 */
public record FeatureGroup(String name, List<String> columns) {
    /** Keeps the order. */
    public FeatureGroup {
        columns = List.copyOf(columns);
    }
}
