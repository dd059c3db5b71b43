package org.charlstm.text;

import java.util.Arrays;

/**
 * A sequence of characters (code points). Each character is stored as its number in the alphabet, in order of first
 * appearance. A number takes one byte for up to 256 different characters, two bytes up to 65,536, else three.
 */
final class Characters {
    /** Blocks are large enough to cost little, and small enough for the garbage collector to move like other arrays. */
    private static final int BLOCK_BITS = 16;
    private static final int BLOCK = 1 << BLOCK_BITS;
    private static final int PAGE_BITS = 8;
    private static final int PAGE = 1 << PAGE_BITS;

    private byte[][] blocks = new byte[1][];
    private int width = 1;
    private long length;
    private int[] alphabet = new int[64];
    private int distinct;
    /** The number of each character plus 1, by code point, in pages; 0 for a character without a number. */
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

    /** Widens block by block, so the text is never in memory twice. */
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

    /** The number in the alphabet of the character at an index. */
    int get(long index) {
        return get(blocks[(int) (index >>> BLOCK_BITS)], (int) (index & (BLOCK - 1)), width);
    }

    long length() {
        return length;
    }

    /** How many different characters there are. */
    int distinct() {
        return distinct;
    }

    int codePoint(int number) {
        return alphabet[number];
    }

    /** How often a character occurs from an index up to another. */
    int count(int codePoint, long from, long to) {
        int count = 0;
        for (long i = from; i < to; i++) {
            count += alphabet[get(i)] == codePoint ? 1 : 0;
        }
        return count;
    }

    String text(long from, int count) {
        StringBuilder text = new StringBuilder(count);
        for (long i = from; i < from + count; i++) {
            text.appendCodePoint(alphabet[get(i)]);
        }
        return text.toString();
    }
}
