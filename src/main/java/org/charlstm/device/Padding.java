package org.charlstm.device;

/**
 * What becomes of steps that are padding, and how a target tells of it: as an id, from 0 on; as -2 - id where it is
 * padding whose target is that id; or as {@value #NONE} where it does not count.
 */
public enum Padding {
    /** It counts as any other step does, but is told apart in {@linkplain Operations#crossEntropy totals}. */
    COUNTED,
    /** It does not count. */
    LEFT_OUT;

    /** The target of what does not count. */
    public static final int NONE = -1;

    /**
     * The target of a step that is padding.
     *
     * @return -2 - id where it counts, else {@value #NONE}
     */
    public int target(int id) {
        return this == COUNTED ? -2 - id : NONE;
    }

    /**
     * The id that a target is, whether of padding or not.
     *
     * @return the id; {@value #NONE} for what does not count
     */
    public static int id(int target) {
        return target < 0 ? -2 - target : target;
    }
}
