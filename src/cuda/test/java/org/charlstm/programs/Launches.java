package org.charlstm.programs;

import module java.base;

/** Every kernel of {@code native/test/resources/programs} on numbers, with what a processor computes from them. */
final class Launches {
    private static final int COUNT = 1000;
    /** Small numbers, whose sums every type holds. */
    private static final int[] DIGITS = new Random(7).ints(COUNT, 0, 9).toArray();
    private static final int SUM = Arrays.stream(DIGITS).sum();
    private static final int SIDE = 40;
    private static final int[] LEFT = new Random(8).ints(SIDE * SIDE, -4, 5).toArray();
    private static final int[] RIGHT = new Random(9).ints(SIDE * SIDE, -4, 5).toArray();
    private static final int FRACTION = 64;
    private static final int WARP = 32;
    private static final int WIDE = 128;

    private Launches() {
    }

    static List<Launch> all() {
        return Stream.of(sums(), counts(), products(), numbers(), language(), habits()).flatMap(List::stream).toList();
    }

    private static List<Launch> sums() {
        int[] eights = IntStream.range(0, 128).map(i -> IntStream.range(i * 8, i * 8 + 8)
                .filter(j -> j < COUNT).map(j -> DIGITS[j]).sum()).toArray();
        return List.of(
                Launch.of("reductions", "sum_by_shuffles", COUNT, floats(DIGITS), new float[1]).grid(3, 128)
                        .leaves(2, new float[] {SUM}),
                Launch.of("reductions", "sum_by_tiles", COUNT, DIGITS, new int[128], new int[1]).grid(8, 128)
                        .leaves(2, eights).leaves(3, new int[] {SUM}),
                Launch.of("reductions", "sum_by_last_block", COUNT, floats(DIGITS), new float[8], new float[1])
                        .grid(8, 128).leaves(3, new float[] {SUM}));
    }

    private static List<Launch> counts() {
        int[] bins = new int[16];
        Arrays.stream(DIGITS).forEach(digit -> bins[digit]++);
        int[] scanned = Arrays.copyOf(DIGITS, 256);
        Arrays.parallelPrefix(scanned, Integer::sum);
        int[] ranks = ints(WARP, i -> (int) IntStream.range(0, i).filter(j -> DIGITS[j] == DIGITS[i]).count());
        int odd = IntStream.range(0, WARP).map(i -> (DIGITS[i] & 1) << i).sum();
        return List.of(
                Launch.of("counts", "histogram", COUNT, DIGITS, new int[16]).grid(3, 64).leaves(2, bins),
                Launch.of("counts", "inclusive_scan", (Object) Arrays.copyOf(DIGITS, 256)).grid(1, 256)
                        .withShared(4 * 256).leaves(0, scanned),
                Launch.of("counts", "ranks_among_equals", Arrays.copyOf(DIGITS, WARP), new int[WARP], new int[WARP])
                        .leaves(1, ranks).leaves(2, ints(WARP, i -> i == 0 ? odd : 3)),
                Launch.of("clusters", "histogram_of_cluster", COUNT, DIGITS, new int[16]).grid(4, 32).withClusters(2)
                        .leaves(2, bins));
    }

    private static List<Launch> products() {
        int[] product = product(SIDE, SIDE, SIDE);
        int[] a = Arrays.copyOf(LEFT, 16 * 8);
        int[] b = Arrays.copyOf(RIGHT, 8 * 8);
        float[] small = floats(product(16, 8, 8));
        return List.of(
                Launch.of("products", "multiply_floats", SIDE, floats(LEFT), floats(RIGHT), new float[SIDE * SIDE])
                        .tiles(3, 16).leaves(3, floats(product)),
                Launch.of("products", "multiply_doubles", SIDE, doubles(LEFT), doubles(RIGHT),
                        new double[SIDE * SIDE]).tiles(5, 8).leaves(3, doubles(product)),
                Launch.of("products", "multiply_halves", halves(128, i -> a[i]), halves(64, i -> b[i]),
                        new float[128]).leaves(2, small),
                Launch.of("products", "multiply_bf16", bf16(128, i -> a[i]), bf16(64, i -> b[i]), new float[128])
                        .since(80).leaves(2, small));
    }

    private static int[] product(int rows, int columns, int inner) {
        return ints(rows * columns, i -> IntStream.range(0, inner)
                .map(k -> LEFT[i / columns * inner + k] * RIGHT[k * columns + i % columns]).sum());
    }

    private static List<Launch> numbers() {
        double[] x = new Random(10).doubles(100, -6, 6).toArray();
        double[] y = Arrays.stream(x).map(v -> Math.exp(-v * v) + Math.sqrt(Math.abs(v)) / (1 + v * v)
                + Math.sin(v) * Math.log1p(Math.abs(v))).toArray();
        int[] whole = new Random(11).ints(100, -1000, Integer.MAX_VALUE).toArray();
        int[] answers = ints(100, i -> (int) (whole[i] * 1000003L % 65521) + Integer.numberOfLeadingZeros(whole[i]) * 7
                + Integer.bitCount(whole[i]) + (Integer.reverse(whole[i]) >>> 20) + whole[i] / 7 - whole[i] % 5);
        // 2 and 0.5 of half, in this order.
        int factor = 0x38004000;
        IntToDoubleFunction first = i -> (i * 37 % 101 - 50) / 8.0;
        IntToDoubleFunction second = i -> (i * 53 % 97 - 48) / 4.0;
        return List.of(
                Launch.of("numbers", "functions_of_doubles", 100, x, new double[100]).grid(2, 64).within(1e-14)
                        .leaves(2, y),
                Launch.of("numbers", "pairs_of_halves", FRACTION, factor, halves(2 * FRACTION, first),
                        halves(2 * FRACTION, second)).grid(1, FRACTION).leaves(3, halves(2 * FRACTION,
                                i -> (i % 2 == 0 ? 2 : 0.5) * first.applyAsDouble(i)
                                        + Math.max(second.applyAsDouble(i), 0))),
                Launch.of("numbers", "pairs_of_bf16", FRACTION, bf16(2 * FRACTION, i -> i % 15), bf16(2 * FRACTION,
                        i -> -i % 31)).grid(1, FRACTION).leaves(2, bf16(2 * FRACTION, i -> i % 15 * (i % 15) - i % 31)),
                Launch.of("numbers", "whole_numbers", 100, whole, new int[100]).grid(2, 64).leaves(2, answers));
    }

    private static List<Launch> language() {
        byte[] line = ByteBuffer.allocate(12).order(ByteOrder.nativeOrder()).putFloat(2).putFloat(1).putInt(2).array();
        int[] primes = {2, 3, 5, 7, 11, 13, 17, 19};
        float[] x = floats(ints(100, i -> i));
        return List.of(
                Launch.of("language", "apply_thrice", 50, new Launch.Bytes(line), x, new float[50]).grid(2, 32)
                        .leaves(3, floats(ints(50, i -> 8 * 2 * i + 7))),
                Launch.of("language", "recursion", (Object) new int[8]).grid(1, 8).leaves(0, ints(8,
                        i -> i % 3 == 0 ? i + 1 : i % 3 == 1 ? i + 2 : 2 * i + 3)),
                Launch.of("language", "tables", Arrays.copyOf(x, 8), new float[8]).grid(1, 8)
                        .leaves(1, floats(ints(8, i -> (i % 2 == 0 ? 2 * i : i * i) + primes[i]))),
                Launch.of("language", "tell", 7).grid(2, 32));
    }

    private static List<Launch> habits() {
        Random random = new Random(12);
        List<BigInteger> numbers = IntStream.range(0, 100)
                .mapToObj(i -> new BigInteger(1 + random.nextInt(WIDE), random).max(BigInteger.ONE)).toList();
        int[] in = numbers.stream().flatMapToInt(Launches::words).toArray();
        int[] out = IntStream.range(0, numbers.size() / 2).boxed().flatMapToInt(i -> {
            BigInteger a = numbers.get(2 * i);
            BigInteger b = numbers.get(2 * i + 1);
            BigInteger x = signed(a);
            BigInteger y = signed(b);
            return Stream.of(a.divide(b), a.mod(b), x.divide(y), x.remainder(y)).flatMapToInt(Launches::words);
        }).toArray();
        int[] turned = ints(100, i -> i < 40 ? 39 - i : i);
        float[] x = floats(Arrays.copyOf(DIGITS, 64));
        return List.of(
                Launch.of("habits", "divide_wide", numbers.size() / 2, in, new int[out.length]).grid(2, 32)
                        .leaves(2, out),
                Launch.of("habits", "return_early", 40, ints(100, i -> i)).grid(1, 100).leaves(1, turned),
                Launch.of("habits", "add_bf16", bf16(1, i -> 3), bf16(2, i -> i)).grid(2, 40).since(80)
                        .leaves(0, bf16(1, i -> 83)).leaves(1, bf16(2, i -> 160 + i)),
                Launch.of("habits", "largest", x, new float[1]).grid(1, 64).leaves(1, new float[] {8}),
                Launch.of("habits", "last_comer", new int[1], new int[64]).grid(1, 64).leaves(1, ints(64, i -> 1)));
    }

    private static BigInteger signed(BigInteger value) {
        return value.testBit(WIDE - 1) ? value.subtract(BigInteger.ONE.shiftLeft(WIDE)) : value;
    }

    /** Four of 32 bits, the lowest first. */
    private static IntStream words(BigInteger value) {
        return IntStream.range(0, WIDE / 32).map(i -> value.shiftRight(32 * i).intValue());
    }

    static int[] ints(int count, IntUnaryOperator values) {
        return IntStream.range(0, count).map(values).toArray();
    }

    static float[] floats(int[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = values[i];
        }
        return floats;
    }

    private static double[] doubles(int[] values) {
        return Arrays.stream(values).asDoubleStream().toArray();
    }

    private static short[] halves(int count, IntToDoubleFunction values) {
        short[] halves = new short[count];
        for (int i = 0; i < count; i++) {
            halves[i] = Float.floatToFloat16((float) values.applyAsDouble(i));
        }
        return halves;
    }

    /** Of values that bf16 holds. */
    private static short[] bf16(int count, IntToDoubleFunction values) {
        short[] bits = new short[count];
        for (int i = 0; i < count; i++) {
            bits[i] = (short) (Float.floatToRawIntBits((float) values.applyAsDouble(i)) >>> 16);
        }
        return bits;
    }
}
