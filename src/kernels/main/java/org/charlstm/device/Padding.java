package org.charlstm.device;

/**
 * Whether steps of padding count, and how a target marks them. A target is an id, from 0; -2 - id for padding that
 * counts and has the target id; or {@value #NONE} for padding that does not count.
 */
public enum Padding {
    /** Padding counts as any other step; {@linkplain Operations#crossEntropy two totals} exclude padding. */
    COUNTED,
    /** Padding does not count. */
    LEFT_OUT;

    /** The target of a step that does not count. */
    public static final int NONE = -1;

    /** The target of a step of padding: -2 - id if padding counts, else {@value #NONE}. */
    public int target(int id) {
        return this == COUNTED ? -2 - id : NONE;
    }

    /** The id in a target, with or without the mark of padding; {@value #NONE} for a step that does not count. */
    public static int id(int target) {
        return target < 0 ? -2 - target : target;
    }
}
