package org.charlstm.cli.pages;

import module java.base;

/** The lines of {@code .ci/run} and of the scripts of {@code .ci} that it calls, as words. */
final class CiScripts {
    private static final Pattern SCRIPT = Pattern.compile("\\.ci/[a-z]+");
    /** A reader's own word, or an address that another start has otherwise. */
    private static final Pattern PLACEHOLDER = Pattern.compile("[A-Z][A-Z_]*(\\.[a-z]+)?|https?://.*");

    private final List<List<String>> lines = new ArrayList<>();

    CiScripts() throws IOException {
        Map<String, Boolean> seen = new LinkedHashMap<>();
        Deque<String> open = new ArrayDeque<>(List.of(".ci/run"));
        while (!open.isEmpty()) {
            String script = open.pop();
            if (seen.putIfAbsent(script, true) != null) {
                continue;
            }
            lines.add(List.of(script));
            String text = Files.readString(Path.of(script)).replaceAll("(?m)^\\s*#.*$", "").replace("\\\n", " ");
            for (String line : text.split("\n", -1)) {
                lines.add(PageCommand.words(line));
                // A message may name one that is not called.
                Matcher called = SCRIPT.matcher(line.matches(".*\\b(echo|skip|printf)\\b.*") ? "" : line);
                while (called.find()) {
                    open.add(called.group());
                }
            }
        }
    }

    /** Whether a line has these words in this order, a reader's own in their places, and sizes of whatever numbers. */
    boolean run(List<String> words) {
        return lines.stream().anyMatch(line -> {
            int next = 0;
            for (String word : line) {
                String wanted = words.get(next);
                if (PLACEHOLDER.matcher(wanted).matches() ? !word.startsWith("-") : same(word, wanted)) {
                    next++;
                    if (next == words.size()) {
                        return true;
                    }
                }
            }
            return false;
        });
    }

    /** Maven packages what it installs. */
    private static boolean same(String word, String wanted) {
        return sized(word).equals(sized(wanted)) || (word.equals("install") && wanted.equals("package"));
    }

    private static String sized(String word) {
        return word.replaceFirst("=[\\d,]+$", "=");
    }

    /** Whether a line names a file. */
    boolean names(String file) {
        return lines.stream().flatMap(List::stream).anyMatch(word -> word.equals(file) || word.endsWith("/" + file));
    }
}
