package org.charlstm.programs;

import module java.base;

/**
 * A launch of a kernel of {@code native/test/resources/programs}, and what it must do. It knows no charlstm and no
 * JCuda.
 *
 * @param file      without its suffix
 * @param blocks    along x and y
 * @param threads   along x and y
 * @param shared    bytes that the launch asks for
 * @param cluster   blocks of a cluster along x, 0 without
 * @param oldest    compute capability, 75 for 7.5
 * @param arguments arrays, each a buffer; an {@code Integer}; or {@code Bytes}
 * @param results   the content of arguments, by their number, after the launch
 * @param tolerance of a result, relative where it is above 1
 * @param finding   where the kernel has a mistake: the name of the status, and the simulated GPU's line
 */
record Launch(String file, String kernel, List<Integer> blocks, List<Integer> threads, int shared, int cluster,
        int oldest, List<Object> arguments, Map<Integer, Object> results, double tolerance, List<String> finding) {
    /** A struct, passed by value. */
    record Bytes(byte[] content) {
    }

    static Launch of(String file, String kernel, Object... arguments) {
        return new Launch(file, kernel, List.of(1, 1), List.of(32, 1), 0, 0, 75, List.of(arguments), Map.of(), 0,
                List.of());
    }

    Launch grid(int count, int size) {
        return new Launch(file, kernel, List.of(count, 1), List.of(size, 1), shared, cluster, oldest, arguments,
                results, tolerance, finding);
    }

    /** Square. */
    Launch tiles(int count, int size) {
        return new Launch(file, kernel, List.of(count, count), List.of(size, size), shared, cluster, oldest,
                arguments, results, tolerance, finding);
    }

    Launch withShared(int bytes) {
        return new Launch(file, kernel, blocks, threads, bytes, cluster, oldest, arguments, results, tolerance,
                finding);
    }

    /** Only capability 9.0 and newer cards have clusters. */
    Launch withClusters(int size) {
        return new Launch(file, kernel, blocks, threads, shared, size, 90, arguments, results, tolerance, finding);
    }

    Launch since(int capability) {
        return new Launch(file, kernel, blocks, threads, shared, cluster, capability, arguments, results, tolerance,
                finding);
    }

    Launch within(double difference) {
        return new Launch(file, kernel, blocks, threads, shared, cluster, oldest, arguments, results, difference,
                finding);
    }

    Launch leaves(int argument, Object content) {
        Map<Integer, Object> all = new TreeMap<>(results);
        all.put(argument, content);
        return new Launch(file, kernel, blocks, threads, shared, cluster, oldest, arguments, all, tolerance, finding);
    }

    Launch fails(String status, String line) {
        return new Launch(file, kernel, blocks, threads, shared, cluster, oldest, arguments, results, tolerance,
                List.of(status, "kernel " + kernel + ": " + line));
    }

    /** JCuda has no launch with attributes. */
    boolean runsThroughJcuda() {
        return cluster == 0;
    }

    /** charlstm passes no structs, and a test's own process must not print. */
    boolean runsThroughCharlstm() {
        return arguments.stream().noneMatch(Bytes.class::isInstance)
                && !(kernel.equals("tell") && finding.isEmpty());
    }

    /** The mistake in an argument's content after the launch; empty if there is none. */
    String objection(int argument, Object found) {
        List<Number> right = numbers(results.get(argument));
        List<Number> got = numbers(found);
        for (int i = 0; i < right.size(); i++) {
            double wanted = right.get(i).doubleValue();
            double difference = Math.abs(got.get(i).doubleValue() - wanted);
            if (!(difference <= tolerance * Math.max(1, Math.abs(wanted)))) {
                return kernel + ": element " + i + " of argument " + argument + " is " + got.get(i) + ", not " + wanted;
            }
        }
        return right.size() == got.size() ? "" : kernel + ": argument " + argument + " has another size";
    }

    private static List<Number> numbers(Object array) {
        List<Number> numbers = new ArrayList<>();
        switch (array) {
            case float[] values -> {
                for (float value : values) {
                    numbers.add(value);
                }
            }
            case double[] values -> {
                for (double value : values) {
                    numbers.add(value);
                }
            }
            case int[] values -> {
                for (int value : values) {
                    numbers.add(value);
                }
            }
            case short[] values -> {
                for (short value : values) {
                    numbers.add(value);
                }
            }
            default -> throw new IllegalArgumentException(array.toString());
        }
        return numbers;
    }

    /** The simulated GPU's line without what the machine or the version of nvcc decides. */
    static String plain(String line) {
        return line.replaceAll("0x[0-9a-f]{6,}", "ADDRESS").replaceAll("PTX line [0-9]+", "PTX line N")
                .replaceAll("[a-z0-9_]+\\.h(pp)?:[0-9]+", "HEADER");
    }
}
