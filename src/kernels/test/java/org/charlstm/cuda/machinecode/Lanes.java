package org.charlstm.cuda.machinecode;

import module java.base;

/**
 * A register of a warp's 32 lanes. What all lanes have in common may be unknown, such as a kernel's argument: the
 * values are then known up to a number that is the same for all.
 *
 * @param shifted whether such a number is to be added
 */
record Lanes(int[] values, boolean shifted) {
    static final int WARP = 32;
    static final Lanes ZERO = all(0);
    /** Any number, the same for all lanes. */
    static final Lanes SAME = new Lanes(new int[WARP], true);
    /** Lanes of which nothing is known. */
    static final Lanes UNKNOWN = new Lanes(null, true);

    static Lanes all(int value) {
        return of(lane -> value);
    }

    static Lanes of(IntUnaryOperator ofLane) {
        return new Lanes(IntStream.range(0, WARP).map(ofLane).toArray(), false);
    }

    boolean known() {
        return values != null;
    }

    boolean exact() {
        return known() && !shifted;
    }

    boolean same() {
        return known() && Arrays.stream(values).allMatch(value -> value == values[0]);
    }

    Lanes plus(Lanes other) {
        return known() && other.known()
                ? new Lanes(of(lane -> values[lane] + other.values[lane]).values, shifted || other.shifted) : UNKNOWN;
    }

    /** A product of two unknown numbers is one if it is the same for all lanes. */
    Lanes times(Lanes other) {
        if (other.exact() && other.same() && known()) {
            return new Lanes(of(lane -> values[lane] * other.values[0]).values, shifted && other.values[0] != 0);
        }
        return exact() && same() && other.known() ? other.times(this) : with(other, (a, b) -> a * b);
    }

    Lanes with(Lanes other, IntBinaryOperator function) {
        return of(List.of(this, other), each -> function.applyAsInt(each[0], each[1]));
    }

    /** Of the same lane of each; the same for all lanes if these are. */
    static Lanes of(List<Lanes> each, ToIntFunction<int[]> function) {
        if (each.stream().allMatch(Lanes::exact)) {
            return of(lane -> function.applyAsInt(each.stream().mapToInt(one -> one.values[lane]).toArray()));
        }
        return each.stream().allMatch(Lanes::same) ? SAME : UNKNOWN;
    }
}
