package org.charlstm.device;

/**
 * How steps of padding count, and how a target marks them. A target is an id, from 0; -2 - id for padding that counts,
 * where id is its target; or {@value #NONE} for padding that does not count.
 */
public enum Padding {
    /** It counts as any other step does, but is told apart in {@linkplain Operations#crossEntropy totals}. */
    COUNTED,
    /** It does not count. */
    LEFT_OUT;

    /** The target of what does not count. */
    public static final int NONE = -1;

    /** The target of a step that is padding: -2 - id where it counts, else {@value #NONE}. */
    public int target(int id) {
        return this == COUNTED ? -2 - id : NONE;
    }

    /** The id that a target is, whether of padding or not; {@value #NONE} for what does not count. */
    public static int id(int target) {
        return target < 0 ? -2 - target : target;
    }
}
