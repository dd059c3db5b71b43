package org.charlstm.cuda.machinecode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;
import org.junit.jupiter.api.Test;

/** Addresses computed by instructions assembled from words, and the wavefronts of the accesses that use them. */
class SharedAccessesTest {
    private static final long ALWAYS = 7L << 12;
    private static final long NO_SCOREBOARDS = (1L << 41) | (7L << 46) | (7L << 49);
    private static final int ZERO = 255;
    private static final int TID_X = 0x21;
    private static final int BLOCK = 0x25;
    private static final int AND = 0xc0;
    private static final int OR = 0xfc;
    private static final int EXCLUSIVE_OR = 0x3c;

    private final List<Instruction> code = new ArrayList<>();

    private void add(long low, long high) {
        long guard = (low & (15L << 12)) == 0 ? ALWAYS : 0;
        code.add(Instruction.of(16 * code.size(), low | guard, high | NO_SCOREBOARDS, 90));
    }

    private void special(int to, int number) {
        add(0x919 | ((long) to << 16), (long) number << 8);
    }

    /** To = a x b + c. */
    private void multiplyAndAdd(int to, int a, int b, int c) {
        add(0x824 | ((long) to << 16) | ((long) a << 24) | ((long) b << 32), c);
    }

    private void logic(int to, int a, int b, int table) {
        add(0x812 | ((long) to << 16) | ((long) a << 24) | ((long) b << 32), ZERO | ((long) table << 8));
    }

    private void logicOfRegisters(int to, int a, int b, int table) {
        add(0x212 | ((long) to << 16) | ((long) a << 24) | ((long) b << 32), ZERO | ((long) table << 8));
    }

    private void shiftRight(int to, int a, int by) {
        add(0x819 | ((long) to << 16) | ((long) ZERO << 24) | ((long) by << 32), a | 3L << 9 | 1L << 12 | 1L << 16);
    }

    private void load(int address, int bits) {
        add(0x984 | (100L << 16) | ((long) address << 24) | (0x80L << 40),
                (long) (4 + Integer.numberOfTrailingZeros(bits / 32)) << 9);
    }

    private Map<Integer, Integer> wavefronts() {
        return wavefronts(1);
    }

    /** Of the instructions from the first load on, as a loop. */
    private Map<Integer, Integer> wavefronts(int warps) {
        int first = IntStream.range(0, code.size()).filter(i -> code.get(i).is("LDS") || code.get(i).is("LDSM"))
                .findFirst().orElseThrow();
        List<Instruction> body = code.subList(first, code.size());
        return SharedAccesses.of(code, new Loop(body, body), warps);
    }

    private int only() {
        return wavefronts().values().iterator().next();
    }

    private void strided(int bytes, int bits) {
        code.clear();
        special(0, TID_X);
        multiplyAndAdd(1, 0, bytes, ZERO);
        load(1, bits);
    }

    @Test
    void wordsOfOneBankTakeAWavefrontEach() {
        for (int stride : new int[] {1, 2, 3, 4, 8, 16, 32, 33}) {
            strided(4 * stride, 32);
            assertEquals(Math.min(32, Integer.lowestOneBit(stride)), only(), "a stride of " + stride);
        }
        strided(0, 32);
        assertEquals(1, only(), "all lanes read the same word");
    }

    @Test
    void wideAccessesGoByPartsOfAWarp() {
        strided(8, 64);
        assertEquals(2, only());
        strided(16, 64);
        assertEquals(4, only());
        strided(16, 128);
        assertEquals(4, only());
        strided(32, 128);
        assertEquals(8, only());
        strided(0, 128);
        assertEquals(4, only());
    }

    /** Rows of 8 matrices of 16 bytes: in one piece, at the stride of a row of 256 bytes, and that with 16 more. */
    @Test
    void matricesGoByTheirRows() {
        for (int[] each : new int[][] {{16, 4}, {256, 32}, {272, 4}}) {
            code.clear();
            special(0, TID_X);
            multiplyAndAdd(1, 0, each[0], ZERO);
            add(0x83b | (100L << 16) | (1L << 24), 2L << 8);
            assertEquals(each[1], only(), "rows of " + each[0] + " bytes");
        }
    }

    /** Halves of a row change places where the lane says so: the swizzle of the way back on clusters. */
    @Test
    void aSwizzleSpreadsLanesOverBanks() {
        special(0, TID_X);
        logic(1, 0, 31, AND);
        multiplyAndAdd(2, 1, 16, ZERO);
        shiftRight(3, 1, 3);
        logic(3, 3, 1, AND);
        multiplyAndAdd(3, 3, 8, ZERO);
        logicOfRegisters(2, 2, 3, EXCLUSIVE_OR);
        load(2, 64);
        assertEquals(2, only());
        logicOfRegisters(4, 2, 2, OR);
        assertEquals(2, only());
    }

    @Test
    void whatAllLanesShareNeedNotBeKnown() {
        special(0, TID_X);
        special(5, BLOCK);
        multiplyAndAdd(1, 0, 8, 5);
        load(1, 32);
        assertEquals(2, only());
        // But not where the bits of both meet.
        logicOfRegisters(6, 1, 0, AND);
        load(6, 32);
        assertEquals(List.of(2, 0), List.copyOf(wavefronts().values()));
    }

    @Test
    void theMostOfAnyWarpCounts() {
        special(0, TID_X);
        shiftRight(1, 0, 5);
        add(0x224 | (2L << 16) | (1L << 32), ZERO); // R2 = R0 x R1
        multiplyAndAdd(2, 2, 4, ZERO);
        load(2, 32);
        assertEquals(1, wavefronts(1).values().iterator().next());
        assertEquals(4, wavefronts(5).values().iterator().next());
    }

    /** Lanes from 16 on do not read, and a warp that goes around the loop does not count. */
    @Test
    void aKnownConditionIsFollowed() {
        special(0, TID_X);
        multiplyAndAdd(1, 0, 8, ZERO);
        add(0x80c | (16L << 32), 6L << 12 | 1L << 17 | 7L << 20 | 7L << 23); // P1 = R0 >= 16
        add(0x984 | 9L << 12 | (100L << 16) | (1L << 24), 4L << 9); // @!P1
        assertEquals(1, only());
        code.clear();
        special(0, TID_X);
        multiplyAndAdd(1, 0, 8, ZERO);
        add(0x80c | (32L << 32), 6L << 12 | 1L << 17 | 7L << 20 | 7L << 23); // P1 = R0 >= 32
        add(0x947 | 1L << 12 | 8L << 16, 7L << 23); // @P1, to behind the end
        load(1, 32);
        add(0x94d, 7L << 23);
        assertEquals(2, wavefronts(2).values().iterator().next());
    }
}
