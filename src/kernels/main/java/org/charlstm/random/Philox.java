package org.charlstm.random;

/**
 * The counter-based generator Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1,
 * 2, 3" (SC 2011): random bits as a pure function of a key and a counter.
 *
 * <p>Every random number in this library is a function of (seed, purpose, index, step) and independent of the order of
 * calls. Therefore every device draws the same numbers, whatever it computes in parallel.
 */
public final class Philox {
    private static final int MULTIPLIER_0 = 0xD2511F53;
    private static final int MULTIPLIER_1 = 0xCD9E8D57;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;

    /**
     * Sixty-four random bits: the first two words of a block, the first word high. Different purposes share no counter.
     * The index is for example the number of a sentence, an epoch or a tensor; the step is a position within it.
     */
    public static long bits(long seed, Purpose purpose, long index, int step) {
        return block(step, purpose.code(), (int) index, (int) (index >>> 32), (int) seed, (int) (seed >>> 32), false);
    }

    /**
     * Sixteen random bits: one of the eight half-words of a block, a word's low half first. The place, from 0 to 7,
     * selects the half-word; the other parameters are as in {@link #bits}.
     */
    public static int sixteen(long seed, Purpose purpose, long index, int step, int place) {
        long words = block(step, purpose.code(), (int) index, (int) (index >>> 32), (int) seed, (int) (seed >>> 32),
                place >= 4);
        int word = (int) (place % 4 < 2 ? words >>> 32 : words);
        return (place % 2 == 0 ? word : word >>> 16) & 0xFFFF;
    }

    /** The first two or the last two words of a block of the cipher, the earlier word high. */
    static long block(int counter0, int counter1, int counter2, int counter3, int key0, int key1, boolean last) {
        int c0 = counter0;
        int c1 = counter1;
        int c2 = counter2;
        int c3 = counter3;
        int k0 = key0;
        int k1 = key1;
        for (int round = 0; round < ROUNDS; round++) {
            long p0 = (MULTIPLIER_0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
            long p1 = (MULTIPLIER_1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
            c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c1 = (int) p1;
            c3 = (int) p0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        return last ? (long) c2 << 32 | (c3 & 0xFFFFFFFFL) : (long) c0 << 32 | (c1 & 0xFFFFFFFFL);
    }

    /** A uniform number from [0, 1) with 53 random bits. The parameters are as in {@link #bits}. */
    public static double uniform(long seed, Purpose purpose, long index, int step) {
        return (bits(seed, purpose, index, step) >>> 11) * 0x1p-53;
    }
}
