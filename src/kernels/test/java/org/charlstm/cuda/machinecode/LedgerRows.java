package org.charlstm.cuda.machinecode;

import module java.base;

/**
 * The rows of kernels/machine-code.txt.
 *
 * @param nvcc the version whose machine code it is
 * @param titles the line that names the columns
 * @param rows each by its kernel, architecture and number
 */
record LedgerRows(String nvcc, String titles, Map<String, String> rows) {
    private static final Pattern VERSION = Pattern.compile("^# nvcc (\\S+)$", Pattern.MULTILINE);
    private static final Pattern TITLES = Pattern.compile("^# (kernel .*)$", Pattern.MULTILINE);
    private static final Pattern KEY = Pattern.compile("(\\S+) +(\\d+) +(\\d+) .*");
    private static final Pattern WORD = Pattern.compile("\\S+");

    static LedgerRows of(String text) {
        Map<String, String> rows = new TreeMap<>();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            Matcher key = found(KEY, line);
            rows.put(key.group(1) + " on sm_" + key.group(2) + ", loop " + key.group(3), line);
        });
        return new LedgerRows(found(VERSION, text).group(1), found(TITLES, text).group(1), rows);
    }

    private static Matcher found(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IllegalArgumentException("nothing like " + pattern + " in: " + text);
        }
        return matcher;
    }

    int figure(String row, String title) {
        return Integer.parseInt(word(row, title));
    }

    String word(String row, String title) {
        return words(rows.get(row)).get(words(titles).indexOf(title));
    }

    private static List<String> words(String line) {
        return WORD.matcher(line).results().map(MatchResult::group).toList();
    }

    /** Where a build is not as this says, each with the line of both. */
    List<String> differences(LedgerRows build) {
        Set<String> names = new TreeSet<>(rows.keySet());
        names.addAll(build.rows.keySet());
        return names.stream().filter(name -> build.architectures().contains(architecture(name)))
                .filter(name -> !rows.getOrDefault(name, "").equals(build.rows.get(name)))
                .map(name -> "%s\n  was  %s\n  is   %s".formatted(name, rows.getOrDefault(name, "not there"),
                        build.rows.getOrDefault(name, "not there")))
                .toList();
    }

    /** Those that there are rows of. */
    Set<String> architectures() {
        return rows.keySet().stream().map(LedgerRows::architecture).collect(Collectors.toSet());
    }

    private static String architecture(String row) {
        return row.replaceFirst(".* on (sm_\\d+), .*", "$1");
    }
}
