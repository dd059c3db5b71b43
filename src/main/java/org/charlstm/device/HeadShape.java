package org.charlstm.device;

import java.util.List;

/**
 * The sizes of a head's computation.
 *
 * @param inputs     H, columns of what it takes
 * @param units      D, columns that its first layer gives
 * @param symbols    V, columns of the logits, which its second layer gives
 * @param activation what follows the first layer; nothing follows the second
 * @param parts      the rows of each part, which together are the M rows, in their order
 */
public record HeadShape(int inputs, int units, int symbols, Activation activation, List<Integer> parts) {
    /** Refuses sizes below 1. */
    public HeadShape {
        parts = List.copyOf(parts);
        if (inputs < 1 || units < 1 || symbols < 1 || parts.isEmpty() || parts.stream().anyMatch(rows -> rows < 1)) {
            throw new IllegalArgumentException("a head of " + inputs + " inputs, " + units + " units and " + symbols
                    + " symbols on parts of " + parts + " rows: each must be at least 1");
        }
    }

    /**
     * Where a part begins.
     *
     * @param part from 0 to the number of parts
     * @return its first row's number; after the last part, M
     */
    public int firstRow(int part) {
        return parts.subList(0, part).stream().reduce(0, Math::addExact);
    }
}
