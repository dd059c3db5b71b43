package org.charlstm.text;

import java.util.Arrays;

/**
 * Characters (code points) one after the other, each kept as its number in their alphabet, which is in order of first
 * appearance, in as few bytes as the largest number needs: one up to 256 characters, two up to 65,536, else three.
 */
final class Characters {
    /** So large that blocks cost nothing, so small that the garbage collector moves them like any other array. */
    private static final int BLOCK_BITS = 16;
    private static final int BLOCK = 1 << BLOCK_BITS;
    private static final int PAGE_BITS = 8;
    private static final int PAGE = 1 << PAGE_BITS;

    private byte[][] blocks = new byte[1][];
    private int width = 1;
    private long length;
    private int[] alphabet = new int[64];
    private int distinct;
    /** By code point, in pages: one more than the number of the character, or 0 if it has none yet. */
    private final int[][] numbers = new int[(Character.MAX_CODE_POINT >> PAGE_BITS) + 1][];

    void add(int codePoint) {
        int number = number(codePoint);
        int block = (int) (length >>> BLOCK_BITS);
        if (block == blocks.length) {
            blocks = Arrays.copyOf(blocks, 2 * block);
        }
        if (blocks[block] == null) {
            blocks[block] = new byte[BLOCK * width];
        }
        put(blocks[block], (int) (length & (BLOCK - 1)), number);
        length++;
    }

    private int number(int codePoint) {
        int[] page = numbers[codePoint >> PAGE_BITS];
        if (page == null) {
            page = new int[PAGE];
            numbers[codePoint >> PAGE_BITS] = page;
        }
        int known = page[codePoint & (PAGE - 1)];
        if (known != 0) {
            return known - 1;
        }
        if (distinct == alphabet.length) {
            alphabet = Arrays.copyOf(alphabet, 2 * distinct);
        }
        alphabet[distinct++] = codePoint;
        page[codePoint & (PAGE - 1)] = distinct;
        if (distinct > 1 << (Byte.SIZE * width)) {
            widen();
        }
        return distinct - 1;
    }

    /** Block by block, so that the text is never there twice. */
    private void widen() {
        int before = width;
        width++;
        for (int b = 0; b < blocks.length && blocks[b] != null; b++) {
            byte[] narrow = blocks[b];
            byte[] wide = new byte[BLOCK * width];
            for (int i = 0; i < BLOCK; i++) {
                put(wide, i, get(narrow, i, before));
            }
            blocks[b] = wide;
        }
    }

    private void put(byte[] block, int index, int number) {
        int at = index * width;
        block[at] = (byte) number;
        if (width > 1) {
            block[at + 1] = (byte) (number >> 8);
        }
        if (width > 2) {
            block[at + 2] = (byte) (number >> 16);
        }
    }

    private static int get(byte[] block, int index, int width) {
        int at = index * width;
        int number = block[at] & 0xff;
        if (width > 1) {
            number |= (block[at + 1] & 0xff) << 8;
        }
        if (width > 2) {
            number |= (block[at + 2] & 0xff) << 16;
        }
        return number;
    }

    /** The number of the character at an index in the alphabet. */
    int get(long index) {
        return get(blocks[(int) (index >>> BLOCK_BITS)], (int) (index & (BLOCK - 1)), width);
    }

    long length() {
        return length;
    }

    /** How many characters there are that differ. */
    int distinct() {
        return distinct;
    }

    /** The character of a number. */
    int codePoint(int number) {
        return alphabet[number];
    }

    String text(long from, int count) {
        StringBuilder text = new StringBuilder(count);
        for (long i = from; i < from + count; i++) {
            text.appendCodePoint(alphabet[get(i)]);
        }
        return text.toString();
    }
}
