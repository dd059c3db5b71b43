package org.charlstm.cuda.machinecode;

import module java.base;

/**
 * The resources of each kernel, as kernels/build.sh writes them.
 *
 * @param nvcc the version whose figures they are
 * @param rows the figures, by kernel and architecture
 */
record ResourceLedger(String nvcc, Map<String, List<Integer>> rows) {
    /** Writes the ledger anew. */
    static final String COMMAND = "kernels/build.sh --ledger";

    private static final List<String> FIGURES = List.of("registers", "bytes of shared memory", "bytes of stack",
            "bytes of spill stores", "bytes of spill loads", "instructions", "64-bit divisions",
            "accesses to global memory", "accesses of several elements");
    private static final Pattern VERSION = Pattern.compile("^# nvcc (\\S+)$", Pattern.MULTILINE);

    static ResourceLedger of(String text) {
        Matcher version = VERSION.matcher(text);
        if (!version.find()) {
            throw new IllegalArgumentException("no line tells nvcc's version: " + text);
        }
        Map<String, List<Integer>> rows = new TreeMap<>();
        for (String line : text.lines().filter(row -> !row.startsWith("#")).toList()) {
            String[] words = line.split(" ");
            if (words.length != 2 + FIGURES.size()) {
                throw new IllegalArgumentException("not a row: " + line);
            }
            rows.put(words[0] + " for sm_" + words[1],
                    Arrays.stream(words).skip(2).map(Integer::valueOf).toList());
        }
        return new ResourceLedger(version.group(1), rows);
    }

    /**
     * The differences of a build, a line each, in the architectures that it has. Fewer is one too: a gain that is not
     * recorded could be lost unseen.
     */
    List<String> differences(ResourceLedger build) {
        List<String> differences = new ArrayList<>();
        build.rows.forEach((row, now) -> {
            List<Integer> then = rows.get(row);
            if (then == null) {
                differences.add(row + " has no row in the ledger");
                return;
            }
            for (int i = 0; i < now.size(); i++) {
                if (!now.get(i).equals(then.get(i))) {
                    differences.add(row + " uses " + now.get(i) + " " + FIGURES.get(i) + ", "
                            + (now.get(i) > then.get(i) ? "more" : "fewer") + " than the ledger's " + then.get(i));
                }
            }
        });
        Set<String> built = build.rows.keySet().stream().map(ResourceLedger::architecture).collect(Collectors.toSet());
        rows.keySet().stream().filter(row -> !build.rows.containsKey(row) && built.contains(architecture(row)))
                .forEach(row -> differences.add(row + " is in the ledger but was not built"));
        return differences;
    }

    private static String architecture(String row) {
        return row.replaceFirst(".* for ", "");
    }
}
