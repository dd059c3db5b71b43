package org.charlstm.cli.pages;

import module java.base;

/**
 * Options that make the commands of pages small, by rows {@code size | COMMAND | OPTION VALUE ...} of a table: where a
 * command line has such an option, its numbers come down to the table's, so that a 0 stays; where it has not, the
 * option is added. Configurations of a bench that are equal then are one.
 */
record Sizes(Map<String, Map<String, String>> options) {
    static final Sizes NONE = new Sizes(Map.of());

    static Sizes read(Path table) {
        Map<String, Map<String, String>> options = new LinkedHashMap<>();
        for (List<String> row : rows(table, "size", 2)) {
            String[] words = row.get(1).split(" ", 0);
            Map<String, String> of = options.computeIfAbsent(row.getFirst(), _ -> new LinkedHashMap<>());
            for (int i = 0; i < words.length; i += 2) {
                of.put(words[i], words[i + 1]);
            }
        }
        return new Sizes(options);
    }

    /** The cells after the first of each row that begins with a word, so many: the last may have bars of its own. */
    static List<List<String>> rows(Path table, String kind, int cells) {
        try {
            return Files.readAllLines(table).stream().filter(line -> line.startsWith(kind + " | "))
                    .map(line -> Arrays.stream(line.split("\\|", cells + 1)).skip(1).map(String::strip).toList())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String[] smaller(String[] line) {
        boolean bench = line.length > 0 && line[0].equals("bench");
        boolean plain = line.length == 0 || (bench && line.length > 1 && line[1].matches("compare|merge"));
        List<String> words = new ArrayList<>(List.of(line));
        (plain ? Map.<String, String>of() : options.getOrDefault(line[0], Map.of())).forEach((option, least) -> {
            int at = words.indexOf(option);
            if (at < 0) {
                words.addAll(List.of(option, least));
            } else {
                Stream<String> values = Stream.of(words.get(at + 1).split(",", -1)).map(value -> least(value, least));
                words.set(at + 1, (bench ? values.distinct() : values).collect(Collectors.joining(",")));
            }
        });
        return words.toArray(String[]::new);
    }

    private static String least(String value, String least) {
        boolean numbers = Stream.of(value, least).allMatch(each -> each.matches("\\d+"));
        return numbers && Long.parseLong(value) > Long.parseLong(least) ? least : value;
    }
}
